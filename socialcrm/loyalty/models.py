"""Tables of the points ledger: double entry, append only. Points are integers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model

#: `customer` belongs to one customer; the others are the brand's side of every entry.
ACCOUNT_KINDS = ("customer", "issued", "redeemed", "expired", "adjusted")


class LedgerAccount(Model):
    """An account of the ledger; its row is what spending locks."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        Index(
            "uq_ledger_accounts_brand",
            "kind",
            unique=True,
            sqlite_where=text("customer_id IS NULL"),
            postgresql_where=text("customer_id IS NULL"),
        ),
        CheckConstraint("(kind = 'customer') = (customer_id IS NOT NULL)", name="owner"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), unique=True)


class LedgerTransaction(Model):
    """Why points moved: `(reason, source)` once; a reversal names what it reverses, once."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (UniqueConstraint("reason", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: order, referral, referral_welcome, post, redemption, reversal, adjustment …
    reason: Mapped[str] = mapped_column(String(40))
    #: What it came from, such as `order:12` or `referral:3`.
    source: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    #: What the sentence on screen needs.
    facts: Mapped[dict[str, Any]]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transactions.id"), unique=True)
    acting_account_id: Mapped[int | None]

    entries: Mapped[list[LedgerEntry]] = relationship(back_populates="transaction")


class LedgerEntry(Model):
    """One side: points added to (positive) or taken from (negative) an account; entries of a transaction sum to 0."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_account", "account_id", "id"),
        CheckConstraint("points <> 0", name="points"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transactions.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    points: Mapped[int]

    transaction: Mapped[LedgerTransaction] = relationship(back_populates="entries")
    account: Mapped[LedgerAccount] = relationship()
