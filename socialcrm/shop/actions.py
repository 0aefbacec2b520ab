"""Take in what the shop reports. Every action is idempotent on the shop's own codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ..database import db
from ..errors import Conflict, Invalid
from ..events import announce
from .events import OrderPlaced, OrderRefunded
from .intake import NewOrder, take_in_orders
from .models import Order, OrderLine, Product, Refund

MAX_CENTS = 10**13


@dataclass(frozen=True)
class Line:
    """A line to be: product code, name for a product not known yet, quantity, unit price in cents."""

    code: str
    name: str
    quantity: int
    price_cents: int


def keep_product(code: str, name: str, price_cents: int, currency: str, category: str = "") -> Product:
    """Create or update a product by its code."""
    product = db.session.scalar(select(Product).where(Product.code == code))
    if product is None:
        product = Product(code=code, name=name, price_cents=price_cents, currency=currency, category=category)
        db.session.add(product)
    product.name, product.price_cents, product.currency = name, price_cents, currency
    product.category = category or product.category or ""
    db.session.flush()
    return product


def place_order(
    customer_id: int,
    *,
    source: str,
    code: str,
    placed_at: datetime,
    total_cents: int,
    currency: str = "CNY",
    margin_cents: int | None = None,
    lines: Sequence[Line] = (),
    payment_hash: str | None = None,
    address_hash: str | None = None,
) -> Order:
    """Record an order; reported again it is the same order.

    Raises Invalid `amount_invalid`/`currency_invalid`, Conflict `order_differs` when the same code comes with
    another customer or amount.
    """
    if not 0 <= total_cents <= MAX_CENTS:
        raise Invalid("amount_invalid", field="total")
    if len(currency) != 3 or not currency.isalpha():
        raise Invalid("currency_invalid", field="currency")
    present = db.session.scalar(select(Order).where(Order.source == source, Order.code == code))
    if present is not None:
        if (present.customer_id, present.total_cents) != (customer_id, total_cents):
            raise Conflict("order_differs", field="code", order=code)
        return present
    order = Order(
        source=source,
        code=code,
        customer_id=customer_id,
        placed_at=placed_at,
        total_cents=total_cents,
        currency=currency.upper(),
        margin_cents=margin_cents,
        payment_hash=payment_hash,
        address_hash=address_hash,
    )
    for line in lines:
        product = keep_product(line.code, line.name, line.price_cents, currency.upper())
        order.lines.append(
            OrderLine(product_id=product.id, quantity=line.quantity, price_cents=line.price_cents)
        )
    db.session.add(order)
    db.session.flush()
    announce(OrderPlaced(order.id, customer_id))
    return order


def place_orders(orders: Sequence[NewOrder]) -> None:
    """Record many orders that are known to be new, with products that are known, and announce each."""
    if not orders:
        return
    for order_id, order in zip(take_in_orders(orders), orders, strict=True):
        announce(OrderPlaced(order_id, order.customer_id))


def refund_order(
    order: Order, *, source: str, code: str, amount_cents: int, at: datetime, reason: str = ""
) -> Refund:
    """Record a refund; reported again it is the same refund.

    Raises Invalid `amount_invalid` when it is not positive, Conflict `refund_exceeds_order` beyond the total.
    """
    present = db.session.scalar(select(Refund).where(Refund.source == source, Refund.code == code))
    if present is not None:
        if (present.order_id, present.amount_cents) != (order.id, amount_cents):
            raise Conflict("refund_differs", field="code", refund=code)
        return present
    if amount_cents <= 0:
        raise Invalid("amount_invalid", field="amount")
    db.session.refresh(order, with_for_update=True)
    refunded = db.session.scalar(
        select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(Refund.order_id == order.id)
    )
    if (refunded or 0) + amount_cents > order.total_cents:
        raise Conflict("refund_exceeds_order", field="amount")
    refund = Refund(
        source=source, code=code, order_id=order.id, amount_cents=amount_cents, at=at, reason=reason[:200]
    )
    db.session.add(refund)
    db.session.flush()
    announce(OrderRefunded(refund.id, order.id, order.customer_id))
    return refund
