"""The customer's points: balance and every entry with its reason."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template, request

from ..accounts.session import require_account
from ..web import whole_number
from .queries import PAGE, balance, history

bp = APIBlueprint("loyalty", __name__, enable_openapi=False)


@bp.get("/me/points")
def my_points() -> str:
    """我的积分, newest entry first."""
    account = require_account()
    rows = history(account.customer_id, before_id=request.args.get("before", type=whole_number))
    return render_template(
        "loyalty/my_points.html", balance=balance(account.customer_id), rows=rows, more=len(rows) == PAGE
    )
