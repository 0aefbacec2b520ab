"""Post many earnings at once. Inside transaction(); announces nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from ..database import db
from .actions import brand_account
from .models import LedgerAccount, LedgerEntry, LedgerTransaction


@dataclass(frozen=True)
class Earning:
    """Points (> 0) for a customer; `(reason, source)` must be new."""

    customer_id: int
    points: int
    reason: str
    source: str
    at: datetime
    facts: dict[str, Any]


def take_in_earnings(earnings: Sequence[Earning]) -> None:
    """One balanced transaction each: the customer's side and the brand's."""
    issued = brand_account("issued").id
    accounts = _accounts({one.customer_id for one in earnings})
    found = db.session.scalars(
        insert(LedgerTransaction).returning(LedgerTransaction.id, sort_by_parameter_order=True),
        [{"reason": one.reason, "source": one.source, "at": one.at, "facts": one.facts} for one in earnings],
    )
    db.session.execute(
        insert(LedgerEntry),
        [
            {"transaction_id": posted, "account_id": account, "points": points}
            for posted, one in zip(found, earnings, strict=True)
            for account, points in ((accounts[one.customer_id], one.points), (issued, -one.points))
        ],
    )


def _accounts(customer_ids: set[int]) -> dict[int, int]:
    """Customer → ledger account, made where there is none."""
    query = select(LedgerAccount.customer_id, LedgerAccount.id).where(LedgerAccount.customer_id.is_not(None))
    known = {customer_id for customer_id, _ in db.session.execute(query)}
    missing = sorted(customer_ids - known)
    if missing:
        db.session.execute(
            insert(LedgerAccount), [{"kind": "customer", "customer_id": one} for one in missing]
        )
    return {
        customer_id: account for customer_id, account in db.session.execute(query) if customer_id is not None
    }
