"""What a customer is worth through the people brought, and what each figure is made of (staff)."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template

from ..accounts.models import Account
from ..accounts.session import require_account
from ..customers.actions import record_profile_access
from ..customers.models import Customer
from ..database import db, transaction
from ..errors import Forbidden, NotFound
from ..referrals.queries import referral_of, subtree_of
from ..settings import setting
from .chain_picture import tree_of
from .queries import crv_of, crv_of_many, crv_parts

bp = APIBlueprint("value", __name__, enable_openapi=False)


def _staff() -> Account:
    account = require_account()
    if not account.staff:
        raise Forbidden
    return account


def _customer(customer_id: int) -> Customer:
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    return customer


@bp.get("/desk/customers/<int:customer_id>/value")
def customer_value(customer_id: int) -> str:
    """CRV with its inputs, its parts and the orders they trace to."""
    account = _staff()
    customer = _customer(customer_id)
    with transaction():
        record_profile_access(customer_id, account.id, "value")
    above = referral_of(customer_id)
    return render_template(
        "value/customer_value.html",
        customer=customer,
        value=crv_of(customer_id),
        parts=crv_parts(customer_id),
        referrer=db.session.get(Customer, above.referrer_id) if above else None,
        rate=float(setting("value.discount_rate")),
        decay=float(setting("value.decay")),
        margin_rate=float(setting("shop.margin_rate")),
        point_cents=int(setting("value.point_cents")),
    )


@bp.get("/desk/customers/<int:customer_id>/chain.json")
def chain_data(customer_id: int) -> Response:
    """The chain below a customer as a tree for the picture; a branch can be asked for by its own id."""
    _staff()
    customer = _customer(customer_id)
    rows = subtree_of(customer_id)
    values = crv_of_many([customer_id, *(row[0] for row in rows)])
    return jsonify(root=tree_of(customer_id, customer.display_name, rows, values))
