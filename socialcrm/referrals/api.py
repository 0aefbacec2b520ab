"""Referrals through the API: edges, listed and kept, and the chain around a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ..api import PREFIX
from ..api.access import needs
from ..api.fields import Answer, Body, Items, Moment, PageAnswer, PageQuery, Part, Text, Whole
from ..api.lists import list_page
from ..customers.access import customer_for_program
from ..customers.looks import looked_at_by_program
from ..customers.queries import names_of
from ..database import transaction
from ..errors import Invalid
from .actions import add_edge, record_referral
from .models import Referral
from .queries import ancestors_of, subtree_of

bp = APIBlueprint("referrals_api", __name__, url_prefix=PREFIX, tag="Referrals")

MOST_BELOW = 2000


class ReferralOut(Answer):
    id = Whole(required=True)
    referee_id = Whole(required=True)
    referrer_id = Whole(required=True)
    depth = Whole(required=True, metadata={"description": "links of the chain above the referee"})
    state = Text(required=True, metadata={"description": "pending, flagged, approved or voided"})
    reasons = Items(Text(), required=True)
    recorded_at = Moment(required=True)
    order_id = Whole(required=True, allow_none=True, metadata={"description": "the order that converted it"})
    converted_at = Moment(required=True, allow_none=True)
    rewarded_at = Moment(required=True, allow_none=True)
    reversed_at = Moment(required=True, allow_none=True)


class ReferralsOut(PageAnswer):
    items = Items(Part(ReferralOut), required=True)


class ReferralQuery(PageQuery):
    referrer_id = Whole(strict=False)


class ReferralIn(Body):
    referee_id = Whole(1, required=True, metadata={"description": "who came"})
    referrer_id = Whole(1, metadata={"description": "who brought; or give the code"})
    code = Text(40, 1, metadata={"description": "the referrer's code, as in /r/<code>"})
    at = Moment()


class PersonOut(Answer):
    customer_id = Whole(required=True)
    display_name = Text(required=True)
    level = Whole(required=True, metadata={"description": "1 is next to the customer"})
    brought_by_id = Whole(required=True, allow_none=True)


class ChainOut(Answer):
    customer_id = Whole(required=True)
    above = Items(Part(PersonOut), required=True, metadata={"description": "who brought whom, nearest first"})
    below = Items(Part(PersonOut), required=True, metadata={"description": f"at most {MOST_BELOW} people"})


@bp.get("/referrals")
@needs("referrals:read")
@bp.input(ReferralQuery, location="query")
@bp.output(ReferralsOut)
def list_referrals(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List referrals, newest first, of one referrer if asked"""
    query = select(Referral)
    if "referrer_id" in query_data:
        query = query.where(Referral.referrer_id == query_data["referrer_id"])
    return list_page(query, query_data, Referral.id)


@bp.post("/referrals")
@needs("referrals:write")
@bp.input(ReferralIn)
@bp.output(ReferralOut)
def keep_referral(json_data: Mapping[str, Any]) -> Referral:
    """Keep who brought whom

    A loop, a self-referral, a second referrer or somebody who bought before is refused (409 with the reason).
    """
    with transaction():
        referee = customer_for_program(json_data["referee_id"]).id
        if "code" in json_data:
            return record_referral(referee, json_data["code"], at=json_data.get("at"))
        if "referrer_id" not in json_data:
            raise Invalid("referrer_missing", field="referrer_id")
        referrer = customer_for_program(json_data["referrer_id"]).id
        return add_edge(referee, referrer, at=json_data.get("at"))


@bp.get("/customers/<int:customer_id>/chain")
@needs("referrals:read")
@bp.output(ChainOut)
def show_chain(customer_id: int) -> dict[str, Any]:
    """Show the chain above and below a customer"""
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    above = ancestors_of(customer_id)
    names = names_of(above)
    return {
        "customer_id": customer_id,
        "above": [
            _person(person, names[person], level, above[level] if level < len(above) else None)
            for level, person in enumerate(above, start=1)
        ],
        "below": [
            _person(row[0], row[2], row[4], row[1]) for row in subtree_of(customer_id, limit=MOST_BELOW)
        ],
    }


def _person(customer_id: int, name: str, level: int, brought_by: int | None) -> dict[str, Any]:
    return {"customer_id": customer_id, "display_name": name, "level": level, "brought_by_id": brought_by}
