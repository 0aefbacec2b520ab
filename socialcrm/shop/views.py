"""The customer's own orders."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template, request

from ..accounts.session import require_account
from ..database import db
from ..web import whole_number
from .models import Order
from .queries import PAGE, orders_of

bp = APIBlueprint("shop", __name__, enable_openapi=False)


@bp.get("/me/orders")
def my_orders() -> str:
    """我的订单, newest first."""
    account = require_account()
    last = db.session.get(Order, request.args.get("before", 0, type=whole_number))
    before = (
        (last.placed_at, last.id) if last is not None and last.customer_id == account.customer_id else None
    )
    orders = orders_of(account.customer_id, before=before)
    return render_template("shop/my_orders.html", orders=orders, more=len(orders) == PAGE)
