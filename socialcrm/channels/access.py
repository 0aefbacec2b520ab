"""Who may read and write which conversation."""

from __future__ import annotations

from ..accounts.models import Account
from ..customers.models import Customer
from ..database import db
from ..errors import Forbidden, NotFound
from ..live import room_door
from .models import Conversation
from .visitors import current_visitor


def conversation_for(account: Account | None, conversation_id: int) -> Conversation:
    """The conversation for service staff, its customer, or the visitor who began it; NotFound for others."""
    conversation = db.session.get(Conversation, conversation_id)
    if conversation is None or not _may_read(account, conversation):
        raise NotFound
    return conversation


def conversation_for_staff(account: Account, conversation_id: int) -> Conversation:
    """The conversation for an agent's desk; Forbidden for a customer who may only see the other side of it."""
    conversation = conversation_for(account, conversation_id)
    if not account.serves:
        raise Forbidden
    return conversation


def chatting_customer(account: Account | None) -> Customer | None:
    """Who is on the customer's side of this browser: the signed-in person, or a known visitor."""
    return account.customer if account else current_visitor()


def _may_read(account: Account | None, conversation: Conversation) -> bool:
    if account is not None:
        return account.serves or account.customer_id == conversation.customer_id
    visitor = current_visitor()
    return visitor is not None and visitor.id == conversation.customer_id


def _room_door(account: Account | None, conversation_id: int) -> bool:
    conversation = db.session.get(Conversation, conversation_id)
    return conversation is not None and _may_read(account, conversation)


room_door("conversation", _room_door)
