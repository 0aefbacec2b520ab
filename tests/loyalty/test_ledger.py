"""The ledger: double entry, append only, each (reason, source) once, reversals once, books always balanced."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction
from socialcrm.errors import Conflict
from socialcrm.loyalty.actions import earn_points, reverse_points, spend_points
from socialcrm.loyalty.ledger import LedgerError, Side, balanced, points_for_order, reversed_sides
from socialcrm.loyalty.models import LedgerTransaction
from socialcrm.loyalty.queries import balance, books_balance, history


@pytest.mark.parametrize(
    "sides",
    [[], [Side(1, 5)], [Side(1, 5), Side(2, -4)], [Side(1, 0), Side(2, 0)], [Side(1, 5), Side(1, -5)]],
)
def test_crooked_transactions_are_refused(sides: list[Side]) -> None:
    with pytest.raises(LedgerError):
        balanced(sides)


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=5))
def test_a_reversal_undoes_exactly(points: list[int]) -> None:
    sides = [Side(number, value) for number, value in enumerate(points)]
    back = reversed_sides(sides)
    assert [a.points + b.points for a, b in zip(sides, back, strict=True)] == [0] * len(sides)


def test_part_points_are_not_given() -> None:
    assert [points_for_order(cents, 100) for cents in (0, 99, 100, 12899, -5)] == [0, 0, 1, 128, 0]


def test_the_same_reason_and_source_pays_once(app: Flask, cast: dict[str, Account]) -> None:
    customer = cast["lina"].customer_id
    for _ in range(3):
        with transaction():
            earn_points(customer, 64, reason="order", source="order:12")
    assert balance(customer) == 64 and books_balance()


def test_spending_needs_points_and_a_reversal_happens_once(app: Flask, cast: dict[str, Account]) -> None:
    customer = cast["lina"].customer_id
    with transaction():
        earn_points(customer, 10, reason="order", source="order:1")
        spend_points(customer, 4, reason="redemption", source="redemption:1")
        with pytest.raises(Conflict, match="points_short"):
            spend_points(customer, 7, reason="redemption", source="redemption:2")
    for _ in range(2):
        with transaction():
            reverse_points("order", "order:1", because="refund")
    assert balance(customer) == -4 and books_balance()
    assert [points for _, points in history(customer)] == [-10, -4, 10]
    assert db.session.scalar(select(func.count()).select_from(LedgerTransaction)) == 3
    with transaction():
        assert reverse_points("order", "order:99", because="refund") is None
