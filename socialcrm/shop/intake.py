"""Take in many orders at once. Inside transaction(); announces nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from ..database import db
from .models import Order, OrderLine, Product


@dataclass(frozen=True)
class NewOrder:
    """An order the shop has not reported before; lines are (product code, quantity, unit cents)."""

    customer_id: int
    source: str
    code: str
    placed_at: datetime
    total_cents: int
    margin_cents: int | None
    lines: Sequence[tuple[str, int, int]]
    currency: str = "CNY"


def take_in_orders(orders: Sequence[NewOrder]) -> list[int]:
    """Their ids, in the order given; every product must be known."""
    products = {row.code: row.id for row in db.session.execute(select(Product.code, Product.id))}
    found = db.session.scalars(
        insert(Order).returning(Order.id, sort_by_parameter_order=True),
        [
            {
                "source": one.source,
                "code": one.code,
                "customer_id": one.customer_id,
                "placed_at": one.placed_at,
                "total_cents": one.total_cents,
                "currency": one.currency,
                "margin_cents": one.margin_cents,
            }
            for one in orders
        ],
    )
    ids = list(found)
    db.session.execute(
        insert(OrderLine),
        [
            {"order_id": order_id, "product_id": products[code], "quantity": quantity, "price_cents": cents}
            for order_id, one in zip(ids, orders, strict=True)
            for code, quantity, cents in one.lines
        ],
    )
    return ids
