"""A customer's referral value through the API, traced to people and orders."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from ..api import PREFIX
from ..api.access import needs
from ..api.fields import Answer, Items, Part, Share, Text, Whole
from ..customers.access import customer_for_program
from ..customers.looks import looked_at_by_program
from .queries import crv_of, crv_parts

bp = APIBlueprint("value_api", __name__, url_prefix=PREFIX, tag="Referrals")


class PartOut(Answer):
    referral_id = Whole(required=True)
    customer_id = Whole(required=True)
    state = Text(required=True)
    cents = Share(required=True, metadata={"description": "present value this person adds to direct_cents"})
    order_ids = Items(Whole(), required=True)


class ValueOut(Answer):
    customer_id = Whole(required=True)
    direct_cents = Share(required=True, metadata={"description": "CRV by the published formula, level one"})
    chain_cents = Share(required=True, metadata={"description": "with every level of the chain, decayed"})
    levels = Items(Share(), required=True, metadata={"description": "present value of each level, in cents"})
    parts = Items(Part(PartOut), required=True)


@bp.get("/customers/<int:customer_id>/value")
@needs("referrals:read")
@bp.output(ValueOut)
def show_value(customer_id: int) -> dict[str, Any]:
    """Show a customer's referral value (CRV) with what it is made of"""
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    value = crv_of(customer_id)
    return {
        "customer_id": customer_id,
        "direct_cents": value.direct_cents,
        "chain_cents": value.chain_cents,
        "levels": value.levels,
        "parts": [
            {
                "referral_id": part.referral.id,
                "customer_id": part.customer.id,
                "state": part.referral.state,
                "cents": part.cents,
                "order_ids": [order.id for order in part.orders],
            }
            for part in crv_parts(customer_id)
        ],
    }
