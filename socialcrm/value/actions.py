"""Keep the read models of referral value up to date, and re-derive them."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import delete, func, select
from sqlalchemy.orm import selectinload

from ..customers.actions import put_fact
from ..database import db, utcnow
from ..loyalty.models import LedgerAccount, LedgerEntry, LedgerTransaction
from ..referrals.models import Referral
from ..referrals.queries import ancestors_of, referral_of
from ..settings import setting
from ..shop.models import Order
from ..shop.queries import margin_of, margin_refunded
from .models import LevelValue, OwnValue, Reconciliation
from .queries import crv_of

YEAR_DAYS = 365


def revalue_referee(customer_id: int) -> None:
    """Recompute what a referred customer contributes and pass the difference up the chain.

    Locks the own-value rows first and then ancestors in id order, so that two events on one chain queue.
    """
    referral = referral_of(customer_id)
    if referral is None:
        return
    before = _own(customer_id)
    after = own_cents(referral)
    delta = {period: after.get(period, 0) - before.get(period, 0) for period in before.keys() | after.keys()}
    delta = {period: cents for period, cents in delta.items() if cents}
    if not delta:
        return
    _store_own(customer_id, after)
    above = ancestors_of(customer_id)
    for level, ancestor in sorted(enumerate(above, start=1), key=lambda pair: pair[1]):
        _add(ancestor, level, delta)
    db.session.flush()
    for ancestor in above:
        tell_value(ancestor)


def tell_value(customer_id: int) -> None:
    """Write the CRV where lower areas can read it: a fact of the customer."""
    value = crv_of(customer_id)
    put_fact(
        customer_id, "value.crv", direct_cents=round(value.direct_cents), chain_cents=round(value.chain_cents)
    )


def own_cents(referral: Referral) -> dict[int, int]:
    """Period → cents by the published formula from this person's orders; empty until an order converted."""
    if referral.converted_at is None or referral.reversed_at is not None or referral.state == "voided":
        return {}
    cents: defaultdict[int, int] = defaultdict(int)
    orders = db.session.scalars(
        select(Order).where(Order.customer_id == referral.referee_id).options(selectinload(Order.refunds))
    )
    for order in orders:
        period = (order.placed_at - referral.recorded_at).days // YEAR_DAYS + 1
        back = sum(margin_refunded(order, refund.amount_cents) for refund in order.refunds)
        cents[max(period, 1)] += margin_of(order) - back
    if referral.type == "two":
        return {1: int(setting("value.saved_two_cents"))}
    for period in cents:
        cents[period] -= int(setting("value.marketing_cents"))
    cents[1] += int(setting("value.saved_one_cents")) - _incentive(referral)
    return dict(cents)


def _incentive(referral: Referral) -> int:
    """Cents the brand paid in points for this referral, reversals taken off."""
    paid = (
        select(LedgerTransaction.id)
        .where(
            LedgerTransaction.reason.in_(("referral", "referral_welcome")),
            LedgerTransaction.source == f"referral:{referral.id}",
        )
        .scalar_subquery()
    )
    points = db.session.scalar(
        select(func.sum(LedgerEntry.points))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(
            LedgerAccount.kind == "customer",
            LedgerTransaction.id.in_(paid) | LedgerTransaction.reverses_id.in_(paid),
        )
    )
    return int(points or 0) * int(setting("value.point_cents"))


def _own(customer_id: int) -> dict[int, int]:
    rows = db.session.scalars(select(OwnValue).where(OwnValue.customer_id == customer_id).with_for_update())
    return {row.period: row.cents for row in rows}


def _store_own(customer_id: int, cents: dict[int, int]) -> None:
    db.session.execute(delete(OwnValue).where(OwnValue.customer_id == customer_id))
    db.session.add_all(OwnValue(customer_id=customer_id, period=p, cents=c) for p, c in cents.items() if c)


def _add(customer_id: int, level: int, delta: dict[int, int]) -> None:
    for period, cents in delta.items():
        cell = db.session.get(LevelValue, (customer_id, level, period), with_for_update=True)
        if cell is None:
            db.session.add(LevelValue(customer_id=customer_id, level=level, period=period, cents=cents))
        else:
            cell.cents += cents


def reconcile(*, repair: bool = True) -> Reconciliation:
    """Re-derive every level cell from the own values and the chain, compare, keep the outcome, repair differences."""
    parents = dict(
        db.session.execute(
            select(Referral.referee_id, Referral.referrer_id).where(Referral.state != "voided")
        ).all()
    )
    derived: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for own in db.session.scalars(select(OwnValue)):
        person, level = parents.get(own.customer_id), 1
        while person is not None:
            derived[person, level, own.period] += own.cents
            person, level = parents.get(person), level + 1
    stored = {(c.customer_id, c.level, c.period): c for c in db.session.scalars(select(LevelValue))}
    differing = 0
    for key in derived.keys() | stored.keys():
        cell, cents = stored.get(key), derived.get(key, 0)
        if (cell.cents if cell else 0) == cents:
            continue
        differing += 1
        if repair and cell is None:
            db.session.add(LevelValue(customer_id=key[0], level=key[1], period=key[2], cents=cents))
        elif repair and cell is not None:
            cell.cents = cents
    outcome = Reconciliation(at=utcnow(), cells=len(derived), differing=differing)
    db.session.add(outcome)
    return outcome
