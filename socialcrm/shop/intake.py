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
    payment_hash: str | None = None
    address_hash: str | None = None


def take_in_orders(orders: Sequence[NewOrder]) -> list[int]:
    """Their ids, in the order given; every product must be known."""
    found = db.session.execute(
        insert(Order).returning(Order.source, Order.code, Order.id),
        [
            {
                "source": one.source,
                "code": one.code,
                "customer_id": one.customer_id,
                "placed_at": one.placed_at,
                "total_cents": one.total_cents,
                "currency": one.currency,
                "margin_cents": one.margin_cents,
                "payment_hash": one.payment_hash,
                "address_hash": one.address_hash,
            }
            for one in orders
        ],
    )
    by_code = {(row.source, row.code): row.id for row in found}
    ids = [by_code[one.source, one.code] for one in orders]
    _take_in_lines(ids, orders)
    return ids


def _take_in_lines(ids: Sequence[int], orders: Sequence[NewOrder]) -> None:
    codes = {code for one in orders for code, _, _ in one.lines}
    if not codes:
        return
    named = select(Product.code, Product.id).where(Product.code.in_(codes))
    products = {row.code: row.id for row in db.session.execute(named)}
    db.session.execute(
        insert(OrderLine),
        [
            {"order_id": order_id, "product_id": products[code], "quantity": quantity, "price_cents": cents}
            for order_id, one in zip(ids, orders, strict=True)
            for code, quantity, cents in one.lines
        ],
    )
