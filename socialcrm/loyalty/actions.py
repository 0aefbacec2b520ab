"""Post to the ledger. Nothing is ever edited: a correction is a reversing transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ..database import db, utcnow
from ..errors import Conflict
from ..events import announce
from ..live import push_to_customer
from ..settings import define
from .events import PointsPosted
from .ledger import Side, balanced, reversed_sides
from .models import LedgerAccount, LedgerEntry, LedgerTransaction

# Cents of an order that earn one point.
define("loyalty.cents_per_point", 100)


def customer_account(customer_id: int) -> LedgerAccount:
    """The customer's ledger account, made at first use, its row locked."""
    return _account("customer", customer_id)


def brand_account(kind: str) -> LedgerAccount:
    """The brand's side of a kind: issued, redeemed, expired, adjusted."""
    return _account(kind, None)


def _account(kind: str, customer_id: int | None) -> LedgerAccount:
    query = select(LedgerAccount).where(LedgerAccount.kind == kind, LedgerAccount.customer_id == customer_id)
    if customer_id is not None:
        query = query.with_for_update()
    account = db.session.scalar(query)
    if account is None:
        account = LedgerAccount(kind=kind, customer_id=customer_id)
        db.session.add(account)
        db.session.flush()
    return account


def earn_points(
    customer_id: int,
    points: int,
    *,
    reason: str,
    source: str,
    at: datetime | None = None,
    facts: dict[str, Any] | None = None,
    acting_account_id: int | None = None,
) -> LedgerTransaction | None:
    """Give points once per `(reason, source)`; None when there is nothing to give, the first one when repeated."""
    present = _posted(reason, source)
    if present is not None or points <= 0:
        return present
    sides = [Side(customer_account(customer_id).id, points), Side(brand_account("issued").id, -points)]
    return _post(reason, source, sides, at, facts, acting_account_id=acting_account_id)


def spend_points(
    customer_id: int, points: int, *, reason: str, source: str, facts: dict[str, Any] | None = None
) -> LedgerTransaction:
    """Take points for a redemption, once per `(reason, source)`; Conflict `points_short` when there are too few."""
    present = _posted(reason, source)
    if present is not None:
        return present
    account = customer_account(customer_id)
    held = balance_of_account(account.id)
    if held < points:
        raise Conflict("points_short", held=held, needed=points)
    sides = [Side(account.id, -points), Side(brand_account("redeemed").id, points)]
    return _post(reason, source, sides, None, facts)


def reverse_points(
    reason: str, source: str, *, because: str, facts: dict[str, Any] | None = None
) -> LedgerTransaction | None:
    """Reverse what `(reason, source)` posted, once; None when nothing was posted.

    A claw-back may leave a balance below zero: what was already spent is owed, and the next earnings fill it.
    """
    original = _posted(reason, source)
    if original is None:
        return None
    done = db.session.scalar(select(LedgerTransaction).where(LedgerTransaction.reverses_id == original.id))
    if done is not None:
        return done
    sides = reversed_sides([Side(entry.account_id, entry.points) for entry in original.entries])
    merged = {**original.facts, **(facts or {}), "because": because, "of": original.reason}
    return _post("reversal", f"ledger:{original.id}", sides, None, merged, reverses_id=original.id)


def _posted(reason: str, source: str) -> LedgerTransaction | None:
    return db.session.scalar(
        select(LedgerTransaction).where(
            LedgerTransaction.reason == reason, LedgerTransaction.source == source
        )
    )


def _post(
    reason: str,
    source: str,
    sides: list[Side],
    at: datetime | None,
    facts: dict[str, Any] | None,
    *,
    reverses_id: int | None = None,
    acting_account_id: int | None = None,
) -> LedgerTransaction:
    posted = LedgerTransaction(
        reason=reason,
        source=source,
        at=at or utcnow(),
        facts=facts or {},
        reverses_id=reverses_id,
        acting_account_id=acting_account_id,
    )
    posted.entries = [LedgerEntry(account_id=side.account_id, points=side.points) for side in balanced(sides)]
    db.session.add(posted)
    db.session.flush()
    _tell_customers(posted)
    return posted


def _tell_customers(posted: LedgerTransaction) -> None:
    rows = db.session.execute(
        select(LedgerAccount.customer_id, LedgerEntry.points)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerEntry.transaction_id == posted.id, LedgerAccount.customer_id.is_not(None))
    ).all()
    for customer_id, points in rows:
        assert customer_id is not None
        announce(PointsPosted(posted.id, customer_id, points))
        push_to_customer(customer_id, "points", posted.id)


def balance_of_account(account_id: int) -> int:
    """The sum of an account's entries."""
    total = db.session.scalar(
        select(func.sum(LedgerEntry.points)).where(LedgerEntry.account_id == account_id)
    )
    return int(total or 0)
