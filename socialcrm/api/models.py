"""Tables of the API: keys of integrations, and requests that were done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model


class ApiKey(Model):
    """A key of one integration. A rotation makes a second one of the same family and lets the first run out."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    #: The same for a key and those it was rotated into: rate limit and repeated requests are counted by it.
    family: Mapped[str] = mapped_column(String(16), index=True)
    #: The visible beginning of the key.
    prefix: Mapped[str] = mapped_column(String(16))
    #: SHA-256 of the key's text.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    #: Set by a rotation: until then both keys work.
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: To the minute.
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str] = mapped_column(String(45), default="")


class ApiRequest(Model):
    """A request that carried an Idempotency-Key, with its answer; kept for a day."""

    __tablename__ = "api_requests"
    __table_args__ = (UniqueConstraint("family", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(100))
    #: SHA-256 of method, path, query and body.
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text, default="")
