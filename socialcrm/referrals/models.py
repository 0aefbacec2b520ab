"""Tables of the referral chains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model

#: pending until a qualifying order, flagged for a person to look at, approved once converted, voided with reasons.
STATES = ("pending", "flagged", "approved", "voided")


class ReferralCode(Model):
    """A member's own code, as in /r/<code>."""

    __tablename__ = "referral_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    clicks: Mapped[int] = mapped_column(default=0)


class Referral(Model):
    """An edge of the chain: who brought whom. A person has one referrer for ever; voided edges stay as history."""

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("referrer_id <> referee_id", name="self"),
        Index(
            "uq_referrals_referee",
            "referee_id",
            unique=True,
            sqlite_where=text("state <> 'voided'"),
            postgresql_where=text("state <> 'voided'"),
        ),
        Index("ix_referrals_referrer", "referrer_id", "id"),
        Index("ix_referrals_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referee_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    referrer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("referral_codes.id"))
    #: Links of the chain above the referee: 1 when the referrer was brought by nobody.
    depth: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    #: Codes of why it is flagged or voided.
    reasons: Mapped[list[Any]]
    #: one: would not have come otherwise; two: would have come anyway (Kumar, Petersen & Leone 2010).
    type: Mapped[str] = mapped_column(String(5), default="one")
    recorded_at: Mapped[datetime]
    #: The order that made it convert, and when.
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    converted_at: Mapped[datetime | None]
    #: When the return window of that order ends and the reward is due.
    reward_due_at: Mapped[datetime | None] = mapped_column(index=True)
    rewarded_at: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]
    #: Hash of the browser that signed up, for fraud checks.
    device_hash: Mapped[str | None] = mapped_column(String(64), index=True)


class RefusedReferral(Model):
    """An attempt that was refused, with the reason: shown to the person and to the admin."""

    __tablename__ = "refused_referrals"

    id: Mapped[int] = mapped_column(primary_key=True)
    referee_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
