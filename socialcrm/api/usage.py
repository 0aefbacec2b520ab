"""What is written beside a request, in short transactions of their own: when a key was used, and what is too old."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, update

from ..database import db, transaction, utcnow
from .models import ApiKey, ApiRequest

USE_EVERY = timedelta(minutes=1)
REQUESTS_KEPT = timedelta(days=1)


def note_use(key_id: int, address: str) -> None:
    """Keep when and from where the key was used, to the minute, in a short transaction of its own."""
    now = utcnow()
    with transaction():
        db.session.execute(
            update(ApiKey)
            .where(
                ApiKey.id == key_id,
                or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USE_EVERY),
            )
            .values(last_used_at=now, last_used_from=address[:45])
        )


def forget_requests() -> int:
    """Remove kept answers older than a day, and with them what they say of customers (periodic job)."""
    with transaction():
        gone = db.session.execute(
            delete(ApiRequest).where(ApiRequest.at < utcnow() - REQUESTS_KEPT).returning(ApiRequest.id)
        )
        return len(gone.all())
