"""What screens read of the ledger."""

from __future__ import annotations

from sqlalchemy import func, select

from ..database import db
from .models import LedgerAccount, LedgerEntry, LedgerTransaction

PAGE = 30


def balance(customer_id: int) -> int:
    """The customer's points: the sum of the entries of the account."""
    total = db.session.scalar(
        select(func.sum(LedgerEntry.points))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.customer_id == customer_id)
    )
    return int(total or 0)


def history(
    customer_id: int, *, before_id: int | None = None, limit: int = PAGE
) -> list[tuple[LedgerTransaction, int]]:
    """(transaction, points) of a customer, newest first; `before_id` is the id of the last one seen."""
    query = (
        select(LedgerTransaction, LedgerEntry.points)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.customer_id == customer_id)
    )
    if before_id is not None:
        query = query.where(LedgerTransaction.id < before_id)
    rows = db.session.execute(query.order_by(LedgerTransaction.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


def books_balance() -> bool:
    """Whether all entries sum to zero, and every transaction does."""
    if db.session.scalar(select(func.sum(LedgerEntry.points))) not in (None, 0):
        return False
    crooked = (
        select(LedgerEntry.transaction_id)
        .group_by(LedgerEntry.transaction_id)
        .having(func.sum(LedgerEntry.points) != 0)
    )
    return db.session.scalar(crooked.limit(1)) is None
