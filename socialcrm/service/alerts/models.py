"""The table of alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import Model
from ..cases.models import Case

STATES = ("new", "seen", "handled", "dismissed")
PENDING = ("new", "seen")


class Alert(Model):
    """A text that asks for a person. Text and opinion are kept as they were when it was raised, so that the marks fit."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id"),
        CheckConstraint("state IN ('new','seen','handled','dismissed')", name="state"),
        Index("ix_alerts_page", "state", "id"),
        Index("ix_alerts_customer", "customer_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: post or message.
    subject: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    text: Mapped[str] = mapped_column(Text)
    #: The engine's whole answer (sentiment.engine.Opinion.to_json()).
    opinion: Mapped[dict[str, Any]]
    #: Where it was said: topic or conversation.
    place: Mapped[str] = mapped_column(String(15))
    place_id: Mapped[int]
    priority: Mapped[str] = mapped_column(String(8))
    #: Codes of the rules that raised it.
    reasons: Mapped[list[Any]]
    #: Whether the rule also opens a case.
    opens_case: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="new")
    raised_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: When it was answered for: by a case, or dismissed with a reason.
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    dismissed_why: Mapped[str] = mapped_column(String(200), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)

    customer: Mapped[Customer] = relationship()
    case: Mapped[Case | None] = relationship()
    seen_by: Mapped[Account | None] = relationship(foreign_keys=[seen_by_id])
