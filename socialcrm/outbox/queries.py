"""What the notification centre and the outbox screen read."""

from __future__ import annotations

from sqlalchemy import func, select

from ..database import db
from .models import Message

PAGE = 30


def notices_of(customer_id: int, *, before_id: int | None = None, limit: int = PAGE) -> list[Message]:
    """A customer's notices, newest first, keyset-paged by id."""
    query = select(Message).where(Message.customer_id == customer_id, Message.channel == "notice")
    if before_id is not None:
        query = query.where(Message.id < before_id)
    return list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit)))


def unread_notices(customer_id: int) -> int:
    """How many notices the customer has not seen."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Message.customer_id == customer_id, Message.channel == "notice", Message.read_at.is_(None)
            )
        )
        or 0
    )


def outbox_page(
    *, channel: str | None = None, state: str | None = None, before_id: int | None = None, limit: int = PAGE
) -> list[Message]:
    """Everything that left or waits, newest first, without notices unless asked for."""
    query = select(Message)
    query = query.where(Message.channel == channel) if channel else query.where(Message.channel != "notice")
    if state:
        query = query.where(Message.state == state)
    if before_id is not None:
        query = query.where(Message.id < before_id)
    return list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit)))
