"""What screens and other areas read of orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ..database import db
from ..settings import define, setting
from .models import Order, OrderLine, Product, Refund

# Contribution margin as a share of sales, for orders whose shop does not give one.
define("shop.margin_rate", 0.4)
PAGE = 20


def orders_of(
    customer_id: int, *, before: tuple[datetime, int] | None = None, limit: int = PAGE
) -> list[Order]:
    """A customer's orders with lines and refunds, newest first; `before` is (placed_at, id) of the last seen."""
    query = (
        select(Order)
        .where(Order.customer_id == customer_id)
        .options(selectinload(Order.lines).joinedload(OrderLine.product), selectinload(Order.refunds))
    )
    if before is not None:
        at, order_id = before
        query = query.where((Order.placed_at < at) | ((Order.placed_at == at) & (Order.id < order_id)))
    return list(db.session.scalars(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)))


def order_with_lines(order_id: int) -> Order | None:
    """One order with lines and refunds."""
    return db.session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .options(selectinload(Order.lines).joinedload(OrderLine.product), selectinload(Order.refunds))
    )


def margin_of(order: Order) -> int:
    """Contribution margin of the order in cents before refunds."""
    if order.margin_cents is not None:
        return order.margin_cents
    return round(order.total_cents * float(setting("shop.margin_rate")))


def margin_refunded(order: Order, amount_cents: int) -> int:
    """The margin a refund takes back: the order's margin in proportion to the amount."""
    return round(margin_of(order) * amount_cents / order.total_cents) if order.total_cents else 0


def spent_by(customer_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Customer id → (orders, cents net of refunds), in two queries."""
    ids = list(customer_ids)
    orders = db.session.execute(
        select(Order.customer_id, func.count(), func.sum(Order.total_cents))
        .where(Order.customer_id.in_(ids))
        .group_by(Order.customer_id)
    )
    refunds = dict(
        db.session.execute(
            select(Order.customer_id, func.sum(Refund.amount_cents))
            .join(Refund, Refund.order_id == Order.id)
            .where(Order.customer_id.in_(ids))
            .group_by(Order.customer_id)
        ).all()
    )
    return {
        customer: (count, int(total) - int(refunds.get(customer, 0))) for customer, count, total in orders
    }


def orders_called(source: str, codes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Code → (customer id, total in cents) of those of a source's orders that are known, in one query."""
    rows = db.session.execute(
        select(Order.code, Order.customer_id, Order.total_cents).where(
            Order.source == source, Order.code.in_(list(codes))
        )
    )
    return {row.code: (row.customer_id, row.total_cents) for row in rows}


def orders_by_id(ids: Iterable[int]) -> dict[int, Order]:
    """Id → order, in one query, in the order of their ids."""
    rows = db.session.scalars(select(Order).where(Order.id.in_(list(ids))).order_by(Order.id))
    return {row.id: row for row in rows}


def products(limit: int = 100) -> list[Product]:
    """Products by name."""
    return list(db.session.scalars(select(Product).order_by(Product.name).limit(limit)))
