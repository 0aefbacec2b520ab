"""What screens, reactions and other areas read of conversations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..database import db
from .models import Conversation, Message

PAGE = 50


def messages_of(
    conversation_id: int, *, after: int = 0, before: int | None = None, limit: int = PAGE
) -> list[Message]:
    """A page of turns, oldest first: those after an id, or the newest `limit` before one."""
    query = (
        select(Message).options(joinedload(Message.account)).where(Message.conversation_id == conversation_id)
    )
    if after:
        return list(db.session.scalars(query.where(Message.id > after).order_by(Message.id).limit(limit)))
    if before is not None:
        query = query.where(Message.id < before)
    return list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit)))[::-1]


def has_picture(conversation_id: int, key: str) -> bool:
    """Whether the picture was sent in the conversation."""
    said = select(Message.images).where(Message.conversation_id == conversation_id)
    return any(image["key"] == key for images in db.session.scalars(said) for image in images)


def message_by_id(message_id: int) -> Message:
    """The turn with its conversation; raises NoResultFound."""
    return db.session.scalars(
        select(Message).options(joinedload(Message.conversation)).where(Message.id == message_id)
    ).one()


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A turn as alerts, timelines and the sentiment area take it."""

    message_id: int
    conversation_id: int
    #: Whose conversation it is.
    customer_id: int
    #: customer, agent or system.
    side: str
    text: str
    at: datetime

    @property
    def url(self) -> str:
        """Path of the page that shows it to staff."""
        return f"/desk/inbox/{self.conversation_id}"


def facts_of_messages(ids: Iterable[int]) -> dict[int, MessageFacts]:
    """Message id → facts, in one query."""
    rows = db.session.execute(
        select(
            Message.id,
            Message.conversation_id,
            Conversation.customer_id,
            Message.side,
            Message.text,
            Message.at,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_(list(ids)))
    )
    return {row.id: MessageFacts(*row) for row in rows}


def conversations_visible_to_staff(
    *,
    state: str = "open",
    assignee_id: int | None = None,
    unassigned: bool = False,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[Conversation]:
    """A page of the inbox, newest first; `before` is the (last_at, id) key of the last row seen."""
    query = select(Conversation).options(joinedload(Conversation.customer), joinedload(Conversation.assignee))
    query = query.where(Conversation.state == state)
    if assignee_id is not None:
        query = query.where(Conversation.assignee_id == assignee_id)
    if unassigned:
        query = query.where(Conversation.assignee_id.is_(None))
    if before is not None:
        at, last_id = before
        query = query.where(
            (Conversation.last_at < at) | ((Conversation.last_at == at) & (Conversation.id < last_id))
        )
    ordered = query.order_by(Conversation.last_at.desc(), Conversation.id.desc()).limit(limit)
    return list(db.session.scalars(ordered))


def unread_of_customer(customer_id: int) -> int:
    """How many answers the customer has not seen."""
    return (
        db.session.scalar(
            select(func.coalesce(func.sum(Conversation.customer_unread), 0)).where(
                Conversation.customer_id == customer_id
            )
        )
        or 0
    )


def latest_conversation_of(customer_id: int, channel: str = "web_chat") -> Conversation | None:
    """The customer's open conversation on the channel, else the one that ended last."""
    return db.session.scalar(
        select(Conversation)
        .where(Conversation.customer_id == customer_id, Conversation.channel == channel)
        .order_by((Conversation.state == "open").desc(), Conversation.last_at.desc(), Conversation.id.desc())
        .limit(1)
    )
