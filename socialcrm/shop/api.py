"""What a shop system reports through the API: products, orders, refunds, and what its visitors look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..api import PREFIX
from ..api.access import needs
from ..api.fields import (
    Answer,
    Body,
    Choice,
    Flag,
    Items,
    Moment,
    PageAnswer,
    PageQuery,
    Part,
    Text,
    Whole,
)
from ..api.lists import list_page
from ..customers.access import customer_for_program
from ..customers.actions import Key, keep_customer, record_on_timeline
from ..customers.queries import has_consent
from ..database import db, transaction, utcnow
from ..errors import Invalid, NotFound
from .actions import MAX_CENTS, Line, keep_product, place_order, refund_order
from .models import Order, OrderLine, Product
from .queries import order_with_lines

bp = APIBlueprint("shop_api", __name__, url_prefix=PREFIX, tag="Shop")

LOOKS = ("viewed_product", "added_to_cart")


class ProductOut(Answer):
    id = Whole(required=True)
    code = Text(required=True)
    name = Text(required=True)
    category = Text(required=True)
    price_cents = Whole(required=True)
    currency = Text(3, required=True)


class ProductIn(Body):
    code = Text(80, 1, required=True)
    name = Text(200, 1, required=True)
    category = Text(60, load_default="")
    price_cents = Whole(0, MAX_CENTS, required=True)
    currency = Text(3, 3, load_default="CNY")


class ProductsOut(PageAnswer):
    items = Items(Part(ProductOut), required=True)


class LineOut(Answer):
    code = Text(required=True, attribute="product.code")
    name = Text(required=True, attribute="product.name")
    quantity = Whole(required=True)
    price_cents = Whole(required=True)


class RefundOut(Answer):
    id = Whole(required=True)
    code = Text(required=True)
    amount_cents = Whole(required=True)
    at = Moment(required=True)
    reason = Text(required=True)


class OrderOut(Answer):
    id = Whole(required=True)
    source = Text(required=True)
    code = Text(required=True)
    customer_id = Whole(required=True)
    placed_at = Moment(required=True)
    total_cents = Whole(required=True)
    currency = Text(3, required=True)
    margin_cents = Whole(-MAX_CENTS, required=True, allow_none=True)
    lines = Items(Part(LineOut), required=True)
    refunds = Items(Part(RefundOut), required=True)


class OrdersOut(PageAnswer):
    items = Items(Part(OrderOut), required=True)


class OrderQuery(PageQuery):
    customer_id = Whole(strict=False)
    code = Text(metadata={"description": "the shop's order number"})


class BuyerIn(Body):
    id = Whole(1)
    shop = Text(200, 1, metadata={"description": "the shop's customer number; made known when new"})
    display_name = Text(60, 1)


class LineIn(Body):
    code = Text(80, 1, required=True)
    name = Text(200, 1, required=True)
    quantity = Whole(1, 1_000_000, required=True)
    price_cents = Whole(0, MAX_CENTS, required=True)


class OrderIn(Body):
    source = Text(
        200, 1, load_default="shop", metadata={"description": "which shop; (source, code) is one order"}
    )
    code = Text(200, 1, required=True)
    customer = Part(BuyerIn, required=True)
    placed_at = Moment(required=True)
    total_cents = Whole(0, MAX_CENTS, required=True)
    currency = Text(3, 3, load_default="CNY")
    margin_cents = Whole(-MAX_CENTS, MAX_CENTS)
    lines = Items(Part(LineIn), 200, load_default=list)
    payment_hash = Text(64, 1, metadata={"description": "hash of the means of payment, for referral checks"})
    address_hash = Text(64, 1, metadata={"description": "hash of the delivery address"})


class RefundIn(Body):
    code = Text(200, 1, required=True)
    amount_cents = Whole(1, MAX_CENTS, required=True)
    at = Moment(required=True)
    reason = Text(200, load_default="")


class LookIn(Body):
    kind = Choice(*LOOKS, required=True)
    customer_id = Whole(1, required=True)
    product_code = Text(80, 1, required=True)
    at = Moment()


class LookOut(Answer):
    recorded = Flag(required=True, metadata={"description": "false without the profiling consent"})


@bp.get("/products")
@needs("orders:read")
@bp.input(PageQuery, location="query")
@bp.output(ProductsOut)
def list_products(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List products, newest first"""
    return list_page(select(Product), query_data, Product.id)


@bp.post("/products")
@needs("orders:write")
@bp.input(ProductIn)
@bp.output(ProductOut)
def put_product(json_data: Mapping[str, Any]) -> Product:
    """Create or update a product by its code"""
    currency = _currency(json_data["currency"])
    with transaction():
        return keep_product(
            json_data["code"], json_data["name"], json_data["price_cents"], currency, json_data["category"]
        )


def _currency(text: str) -> str:
    if not (text.isascii() and text.isalpha()):
        raise Invalid("currency_invalid", field="currency")
    return text.upper()


@bp.get("/orders")
@needs("orders:read")
@bp.input(OrderQuery, location="query")
@bp.output(OrdersOut)
def list_orders(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List orders, newest first, of one customer or with one number if asked"""
    query = select(Order).options(
        selectinload(Order.lines).joinedload(OrderLine.product), selectinload(Order.refunds)
    )
    for name in ("customer_id", "code"):
        if name in query_data:
            query = query.where(getattr(Order, name) == query_data[name])
    return list_page(query, query_data, Order.placed_at, Order.id)


@bp.get("/orders/<int:order_id>")
@needs("orders:read")
@bp.output(OrderOut)
def show_order(order_id: int) -> Order:
    """Show one order with its lines and refunds"""
    return _order(order_id)


def _order(order_id: int) -> Order:
    order = order_with_lines(order_id)
    if order is None:
        raise NotFound("order_unknown")
    return order


@bp.post("/orders")
@needs("orders:write")
@bp.input(OrderIn)
@bp.output(OrderOut)
def report_order(json_data: Mapping[str, Any]) -> Order:
    """Report an order

    Reported again it is the same order; with another customer or amount it is refused (409 order_differs).
    """
    facts = {name: value for name, value in json_data.items() if name not in ("customer", "lines")}
    facts["currency"] = _currency(facts["currency"])
    lines = [Line(**line) for line in json_data["lines"]]
    with transaction():
        order = place_order(_buyer(json_data["customer"]), lines=lines, **facts)
    return _order(order.id)


def _buyer(given: Mapping[str, Any]) -> int:
    if "id" in given:
        return customer_for_program(given["id"]).id
    if "shop" not in given:
        raise Invalid("identity_needed", field="customer.shop")
    name = given.get("display_name") or f"客户 {given['shop']}"
    customer, _ = keep_customer([Key("shop", given["shop"], True)], name=name, source="shop")
    return customer.id


@bp.post("/orders/<int:order_id>/refunds")
@needs("orders:write")
@bp.input(RefundIn)
@bp.output(OrderOut)
def report_refund(order_id: int, json_data: Mapping[str, Any]) -> Order:
    """Report a refund

    Reported again it is the same refund; beyond the order's total it is refused (409 refund_exceeds_order).
    """
    with transaction():
        order = _order(order_id)
        refund_order(order, source=order.source, **json_data)
    db.session.expire(order)
    return _order(order_id)


@bp.post("/events")
@needs("events:write")
@bp.input(LookIn)
@bp.output(LookOut)
def report_look(json_data: Mapping[str, Any]) -> dict[str, bool]:
    """Report what a customer looked at in the shop

    Kept on the timeline with the profiling consent only; `recorded` says whether it was.
    """
    with transaction():
        customer = customer_for_program(json_data["customer_id"])
        product = db.session.scalar(select(Product).where(Product.code == json_data["product_code"]))
        if product is None:
            raise NotFound("product_unknown")
        recorded = has_consent(customer.id, "profiling")
        if recorded:
            at = json_data.get("at") or utcnow()
            record_on_timeline(customer.id, json_data["kind"], "product", product.id, at, name=product.name)
    return {"recorded": recorded}
