"""Tables of what the shop system tells us. Money is integer cents with a currency."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model


class Product(Model):
    """Something the shop sells, known by the shop's own code."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(60), default="")
    price_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


class Order(Model):
    """An order as the shop reported it; `(source, code)` once."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("source", "code"),
        Index("ix_orders_customer", "customer_id", "placed_at"),
        CheckConstraint("total_cents >= 0", name="total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Which shop or file it came from.
    source: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    placed_at: Mapped[datetime] = mapped_column(index=True)
    total_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    #: Contribution margin if the shop gives it; else the setting `shop.margin_rate` applies.
    margin_cents: Mapped[int | None]
    #: Hashes the shop may give for fraud checks of referrals; never the values themselves.
    payment_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    address_hash: Mapped[str | None] = mapped_column(String(64), index=True)

    lines: Mapped[list[OrderLine]] = relationship(back_populates="order")
    refunds: Mapped[list[Refund]] = relationship(back_populates="order")


class OrderLine(Model):
    """One product of an order."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int]
    price_cents: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()


class Refund(Model):
    """Money given back on an order; `(source, code)` once; never more than the order in sum."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("source", "code"), CheckConstraint("amount_cents > 0", name="amount"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(200))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    amount_cents: Mapped[int]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")

    order: Mapped[Order] = relationship(back_populates="refunds")
