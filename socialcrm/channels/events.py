"""What happens in conversations."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class MessageReceived(Event):
    """A customer said something."""

    message_id: int
    conversation_id: int
    customer_id: int


@dataclass(frozen=True)
class VisitorRecognised(Event):
    """Who chatted as a guest has signed in; `visitor_id` is the customer row made for the guest."""

    visitor_id: int
    customer_id: int


@dataclass(frozen=True)
class MessageSent(Event):
    """An agent answered."""

    message_id: int
    conversation_id: int
    account_id: int


@dataclass(frozen=True)
class ConversationClosed(Event):
    conversation_id: int
