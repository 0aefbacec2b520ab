"""What the door and the screens read of keys."""

from __future__ import annotations

from sqlalchemy import select

from ..database import db
from .keys import digest_of
from .models import ApiKey

PAGE = 100


def key_by_text(text: str) -> ApiKey | None:
    """The key's row, whatever its state."""
    return db.session.scalar(select(ApiKey).where(ApiKey.digest == digest_of(text)))


def keys() -> list[ApiKey]:
    """Every key, the newest first."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id.desc()).limit(PAGE)))
