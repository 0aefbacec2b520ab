"""An order raises the referrer's CRV, a refund takes it back, every figure traces to the order, books reconcile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction, utcnow
from socialcrm.loyalty.queries import balance, books_balance, history
from socialcrm.referrals.actions import add_edge
from socialcrm.shop.actions import place_order, refund_order
from socialcrm.shop.models import Order
from socialcrm.value.actions import reconcile
from socialcrm.value.models import LevelValue
from socialcrm.value.queries import crv_of, crv_parts

Cast = dict[str, Account]


def chain(cast: Cast) -> list[int]:
    people = [cast[name].customer_id for name in ("lina", "wangqiang", "chenjing")]
    with transaction():
        for referrer, referee in pairwise(people):
            add_edge(referee, referrer, at=utcnow() - timedelta(days=40))
    return people


def buy(customer: int, code: str, total: int = 10000) -> Order:
    with transaction():
        return place_order(
            customer, source="s", code=code, placed_at=utcnow() - timedelta(days=10), total_cents=total
        )


def test_an_order_pays_one_level_and_raises_both_crvs(
    app: Flask, cast: Cast, drain: Callable[[], int]
) -> None:
    top, middle, bottom = chain(cast)
    buy(bottom, "1")
    drain()
    assert (balance(top), balance(middle), balance(bottom)) == (0, 200, 200)
    assert books_balance()
    # Margin 4000 less 300 points at one cent, discounted by one year at 10 %; half of it one level higher.
    assert crv_of(middle).direct_cents == pytest.approx(3700 / 1.1)
    assert crv_of(top).chain_cents == pytest.approx(0.5 * 3700 / 1.1)
    assert crv_of(top).direct_cents == 0
    part = crv_parts(middle)[0]
    assert (part.customer.id, [order.code for order in part.orders]) == (bottom, ["1"])
    assert part.cents == pytest.approx(3700 / 1.1)


def test_a_refund_takes_points_and_value_back(app: Flask, cast: Cast, drain: Callable[[], int]) -> None:
    top, middle, bottom = chain(cast)
    order = buy(bottom, "1")
    drain()
    with transaction():
        refund_order(order, source="s", code="r", amount_cents=10000, at=utcnow())
    drain()
    assert (balance(top), balance(middle), balance(bottom)) == (0, 0, 0)
    assert [points for _, points in history(middle)] == [-200, 200]
    assert crv_of(middle).direct_cents == 0 and crv_of(top).chain_cents == 0


def test_the_nightly_check_finds_and_repairs_a_wrong_cell(
    app: Flask, cast: Cast, drain: Callable[[], int]
) -> None:
    _, middle, bottom = chain(cast)
    buy(bottom, "1")
    drain()
    with transaction():
        assert reconcile().differing == 0
        db.session.get_one(LevelValue, (middle, 1, 1)).cents += 1
        db.session.flush()
        assert reconcile().differing == 1
        db.session.flush()
        assert reconcile().differing == 0
