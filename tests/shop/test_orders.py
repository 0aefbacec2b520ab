"""Orders and refunds come in once, whatever is retried, and never refund more than was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction
from socialcrm.errors import Conflict, Invalid
from socialcrm.events import EventRow
from socialcrm.shop.actions import Line, place_order, refund_order
from socialcrm.shop.models import Order
from socialcrm.shop.queries import margin_of, margin_refunded, orders_of, spent_by

AT = datetime(2026, 11, 1, 4, tzinfo=UTC)


def order(customer: int, code: str = "A1", total: int = 12800) -> Order:
    with transaction():
        return place_order(
            customer,
            source="shop",
            code=code,
            placed_at=AT,
            total_cents=total,
            lines=[Line("bean-250", "云南日晒 250g", 2, 6400)],
        )


def test_an_order_reported_twice_is_one_order(app: Flask, cast: dict[str, Account]) -> None:
    customer = cast["lina"].customer_id
    assert order(customer).id == order(customer).id
    assert db.session.scalars(select(EventRow.name).where(EventRow.name == "OrderPlaced")).all() == [
        "OrderPlaced"
    ]
    with pytest.raises(Conflict, match="order_differs"):
        order(customer, total=1)


@pytest.mark.parametrize(("total", "currency"), [(-1, "CNY"), (10**14, "CNY"), (1, "¥")])
def test_bad_amounts_are_refused(app: Flask, cast: dict[str, Account], total: int, currency: str) -> None:
    with pytest.raises(Invalid), transaction():
        place_order(
            cast["lina"].customer_id,
            source="shop",
            code="B",
            placed_at=AT,
            total_cents=total,
            currency=currency,
        )


def test_refunds_add_up_to_the_order_at_most(app: Flask, cast: dict[str, Account]) -> None:
    bought = order(cast["lina"].customer_id)
    with transaction():
        first = refund_order(bought, source="shop", code="R1", amount_cents=6400, at=AT)
        again = refund_order(bought, source="shop", code="R1", amount_cents=6400, at=AT)
        assert first.id == again.id
        with pytest.raises(Conflict, match="refund_exceeds_order"):
            refund_order(bought, source="shop", code="R2", amount_cents=6401, at=AT)
    assert spent_by([bought.customer_id]) == {bought.customer_id: (1, 6400)}
    assert margin_of(bought) == 5120 and margin_refunded(bought, 6400) == 2560


def test_my_orders_shows_mine_only(app: Flask, cast: dict[str, Account], client_of: Callable) -> None:  # type: ignore[type-arg]
    order(cast["lina"].customer_id)
    assert "云南日晒 250g" in client_of(cast["lina"]).get("/me/orders").text
    assert "云南日晒 250g" not in client_of(cast["wangqiang"]).get("/me/orders").text
    assert len(orders_of(cast["lina"].customer_id)) == 1
