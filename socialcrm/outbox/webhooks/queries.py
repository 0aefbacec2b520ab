"""What the screen reads of webhooks."""

from __future__ import annotations

from sqlalchemy import select

from ...database import db
from ..models import Message
from .models import WebhookEndpoint

PAGE = 30


def endpoints() -> list[WebhookEndpoint]:
    """Every address, the newest first."""
    return list(db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id.desc()).limit(100)))


def deliveries_of(endpoint_id: int, *, before_id: int | None = None, limit: int = PAGE) -> list[Message]:
    """What was sent to an address, newest first, keyset-paged by id."""
    query = select(Message).where(
        Message.channel == "webhook", Message.key.startswith(f"hook:{endpoint_id}:", autoescape=True)
    )
    if before_id is not None:
        query = query.where(Message.id < before_id)
    return list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit)))
