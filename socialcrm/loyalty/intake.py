"""Post many earnings at once. Inside transaction(); only `earn_together` looks for what was given before, and announces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from ..database import db
from ..events import announce
from ..live import push_to_customer
from .actions import brand_account
from .events import PointsPosted
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


def earn_together(earnings: Sequence[Earning]) -> None:
    """`earn_points` for many at once, announced: each `(reason, source)` still gives once, nothing gives nothing."""
    wanted = {(one.reason, one.source): one for one in earnings if one.points > 0}
    posted = select(LedgerTransaction.reason, LedgerTransaction.source).where(
        LedgerTransaction.reason.in_({reason for reason, _ in wanted}),
        LedgerTransaction.source.in_([source for _, source in wanted]),
    )
    for row in db.session.execute(posted):
        wanted.pop((row.reason, row.source), None)
    new = list(wanted.values())
    for transaction_id, one in zip(take_in_earnings(new), new, strict=True):
        announce(PointsPosted(transaction_id, one.customer_id, one.points))
        push_to_customer(one.customer_id, "points", transaction_id)


def take_in_earnings(earnings: Sequence[Earning]) -> list[int]:
    """One balanced transaction each: the customer's side and the brand's. Their ids, in the order given."""
    if not earnings:
        return []
    issued = brand_account("issued").id
    accounts = _accounts({one.customer_id for one in earnings})
    rows = db.session.execute(
        insert(LedgerTransaction).returning(
            LedgerTransaction.reason, LedgerTransaction.source, LedgerTransaction.id
        ),
        [{"reason": one.reason, "source": one.source, "at": one.at, "facts": one.facts} for one in earnings],
    )
    posted = {(row.reason, row.source): row.id for row in rows}
    db.session.execute(
        insert(LedgerEntry),
        [
            {"transaction_id": posted[one.reason, one.source], "account_id": account, "points": points}
            for one in earnings
            for account, points in ((accounts[one.customer_id], one.points), (issued, -one.points))
        ],
    )
    return [posted[one.reason, one.source] for one in earnings]


def _accounts(customer_ids: set[int]) -> dict[int, int]:
    """Customer → ledger account, made where there is none."""
    query = select(LedgerAccount.customer_id, LedgerAccount.id).where(
        LedgerAccount.customer_id.in_(customer_ids)
    )
    known = {customer_id for customer_id, _ in db.session.execute(query)}
    missing = sorted(customer_ids - known)
    if missing:
        db.session.execute(
            insert(LedgerAccount), [{"kind": "customer", "customer_id": one} for one in missing]
        )
    return {
        customer_id: account for customer_id, account in db.session.execute(query) if customer_id is not None
    }
