"""The addresses that are told; what was sent to them lies in the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model

#: What an address may ask to be told; the body's `data` holds ids and facts, what they are is read through the API.
EVENTS = (
    "customer.created",
    "order.placed",
    "order.refunded",
    "post.published",
    "alert.raised",
    "case.opened",
    "case.solved",
    "referral.converted",
    "points.posted",
)
PING = "ping"


class WebhookEndpoint(Model):
    """One address. Its secret is computed from `nonce` and the installation's own, so the database does not hold it."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[Any]]
    nonce: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
