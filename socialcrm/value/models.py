"""Read models of referral value. Integer cents before discounting, so that any decay, cap or discount rate is a
dot product at read time; `value.reconcile` re-derives everything nightly and compares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model


class OwnValue(Model):
    """What one referred customer contributed in one period (years since the referral), undiscounted."""

    __tablename__ = "referral_own_values"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    period: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


class LevelValue(Model):
    """The sum of OwnValue over everybody `level` links below a customer, per period, undiscounted."""

    __tablename__ = "referral_level_values"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


class Reconciliation(Model):
    """Outcome of a nightly re-derivation: how many cells differed."""

    __tablename__ = "value_reconciliations"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cells: Mapped[int]
    differing: Mapped[int]
