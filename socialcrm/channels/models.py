"""Tables of the channels area."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Account
from ..customers.models import Customer
from ..database import Model

CHANNELS = ("web_chat", "email", "sms", "wechat", "wecom", "webhook")
STATES = ("open", "closed")
SIDES = ("customer", "agent", "system")


class Conversation(Model):
    """One customer's talk with the brand on one channel; at most one is open per customer and channel."""

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("state IN ('open','closed')", name="state"),
        Index(
            "uq_conversations_open",
            "customer_id",
            "channel",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_conversations_page", "state", "last_at", "id"),
        Index("ix_conversations_assignee", "assignee_id", "state", "last_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(12))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: When the newest message came, and what the list shows of it.
    last_at: Mapped[datetime]
    last_side: Mapped[str] = mapped_column(String(8), default="system")
    excerpt: Mapped[str] = mapped_column(String(120), default="")
    #: Since when the customer waits for an answer; None when the last word is ours.
    waiting_since: Mapped[datetime | None]
    #: The newest message each side has seen, and how many of the other side's came after it.
    staff_read_id: Mapped[int] = mapped_column(default=0)
    staff_unread: Mapped[int] = mapped_column(default=0)
    customer_read_id: Mapped[int] = mapped_column(default=0)
    customer_unread: Mapped[int] = mapped_column(default=0)

    customer: Mapped[Customer] = relationship()
    assignee: Mapped[Account | None] = relationship()


class Message(Model):
    """One turn. `once` is the sender's key: a retried send is stored once."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "once"),
        CheckConstraint("side IN ('customer','agent','system')", name="side"),
        Index("ix_messages_page", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    side: Mapped[str] = mapped_column(String(8))
    #: Who of the staff wrote it.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    text: Mapped[str] = mapped_column(Text)
    #: Pictures sent with it: [{key, width, height}].
    images: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    at: Mapped[datetime] = mapped_column(index=True)
    once: Mapped[str | None] = mapped_column(String(40))

    conversation: Mapped[Conversation] = relationship()
    account: Mapped[Account | None] = relationship()
