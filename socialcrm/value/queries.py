"""Referral value as screens show it: from the read model, with everything it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from ..customers.models import Customer
from ..database import db
from ..referrals.models import Referral
from ..settings import define, setting
from ..shop.models import Order
from .crv import direct, geometric, present_value
from .models import LevelValue, OwnValue

# Per year, for discounting.
define("value.discount_rate", 0.1)
# Weight of each level of the chain relative to the one above it.
define("value.decay", 0.5)
# Levels that count; 0 means all.
define("value.levels", 0)
# Retention marketing per customer and year, in cents.
define("value.marketing_cents", 0)
# Acquisition cost saved by a referral of type one, and of type two, in cents.
define("value.saved_one_cents", 0)
define("value.saved_two_cents", 0)
# What a point costs the brand, in cents.
define("value.point_cents", 1)


@dataclass(frozen=True)
class ReferralValue:
    """CRV of one customer in cents: the published one (level one) and the multi-level one; levels' present values."""

    direct_cents: float
    chain_cents: float
    levels: list[float]


def crv_of(customer_id: int) -> ReferralValue:
    """The customer's referral value now, one query."""
    return crv_of_many([customer_id])[customer_id]


def crv_of_many(customer_ids: Iterable[int]) -> dict[int, ReferralValue]:
    """Customer id → referral value, one query; decay, levels and discount rate are read-time settings."""
    ids = list(customer_ids)
    cells: dict[int, dict[int, dict[int, int]]] = {}
    for row in db.session.scalars(select(LevelValue).where(LevelValue.customer_id.in_(ids))):
        cells.setdefault(row.customer_id, {}).setdefault(row.level, {})[row.period] = row.cents
    return {customer_id: _value(cells.get(customer_id, {})) for customer_id in ids}


def _value(by_level: dict[int, dict[int, int]]) -> ReferralValue:
    rate, decay = float(setting("value.discount_rate")), float(setting("value.decay"))
    levels = [_present(by_level.get(level, {}), rate) for level in range(1, max(by_level, default=0) + 1)]
    return ReferralValue(
        direct(levels), geometric(levels, decay, int(setting("value.levels")) or None), levels
    )


def _present(by_period: dict[int, int], rate: float) -> float:
    return present_value(
        [by_period.get(period, 0) for period in range(1, max(by_period, default=0) + 1)], rate
    )


@dataclass(frozen=True)
class Part:
    """One person a customer brought and what that person's orders add to the direct CRV."""

    referral: Referral
    customer: Customer
    cents: float
    orders: list[Order]


def crv_parts(customer_id: int, limit: int = 50) -> list[Part]:
    """What the direct CRV is made of: people and their orders, in three queries."""
    rows = db.session.execute(
        select(Referral, Customer)
        .join(Customer, Customer.id == Referral.referee_id)
        .where(Referral.referrer_id == customer_id, Referral.state != "voided")
        .order_by(Referral.id.desc())
        .limit(limit)
    ).all()
    ids = [referral.referee_id for referral, _ in rows]
    own: dict[int, dict[int, int]] = {}
    for cell in db.session.scalars(select(OwnValue).where(OwnValue.customer_id.in_(ids))):
        own.setdefault(cell.customer_id, {})[cell.period] = cell.cents
    orders: dict[int, list[Order]] = {}
    for order in db.session.scalars(
        select(Order).where(Order.customer_id.in_(ids)).order_by(Order.placed_at)
    ):
        orders.setdefault(order.customer_id, []).append(order)
    rate = float(setting("value.discount_rate"))
    return [
        Part(referral, customer, _present(own.get(customer.id, {}), rate), orders.get(customer.id, []))
        for referral, customer in rows
    ]
