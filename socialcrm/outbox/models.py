"""Tables of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model

CHANNELS = ("mail", "sms", "notice", "push", "webhook")
STATES = ("queued", "sent", "kept", "suppressed", "failed")


class Message(Model):
    """Something that leaves. `key` makes it leave once; `kept` means nothing is configured to carry it and an
    administrator reads it on screen."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(
            "ix_outbox_messages_due",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_outbox_messages_customer", "customer_id", "channel", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    #: The consent it rests on: service, community, marketing_email …
    purpose: Mapped[str] = mapped_column(String(30))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    #: Address, number or URL; empty for a notice.
    recipient: Mapped[str] = mapped_column(String(500), default="")
    #: Name of the template under templates/outbox/<channel>/.
    template: Mapped[str] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(10), default="zh")
    #: What was really sent, kept for the outbox screen.
    subject: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default="queued")
    #: Why it was suppressed or how it failed.
    reason: Mapped[str] = mapped_column(String(300), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    #: Notices only: when the customer saw it.
    read_at: Mapped[datetime | None]
