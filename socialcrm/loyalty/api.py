"""Points through the API: balance, history, whether a customer may spend, and posting once per reason and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from ..api import PREFIX
from ..api.access import current_caller, needs
from ..api.fields import Answer, Body, Facts, Flag, Items, Moment, PageAnswer, PageQuery, Part, Text, Whole
from ..api.paging import LARGEST_ID, page_of, place_of
from ..customers.access import customer_for_program
from ..database import transaction
from ..errors import Conflict, Invalid
from .actions import earn_points, spend_points
from .models import LedgerTransaction
from .queries import balance, history

bp = APIBlueprint("points_api", __name__, url_prefix=PREFIX, tag="Points")

MOST_POINTS = 10_000_000


class BalanceOut(Answer):
    customer_id = Whole(required=True)
    balance = Whole(
        -LARGEST_ID, required=True, metadata={"description": "below zero after a claw-back of what was spent"}
    )


class MayOut(BalanceOut):
    may = Flag(required=True, metadata={"description": "whether the balance covers the points"})


class MayQuery(Body):
    spend = Whole(1, MOST_POINTS, strict=False, required=True)


class PostingOut(Answer):
    id = Whole(required=True)
    points = Whole(-LARGEST_ID, required=True, metadata={"description": "negative where points were spent"})
    reason = Text(required=True)
    source = Text(required=True)
    at = Moment(required=True)
    facts = Facts(required=True)


class HistoryOut(PageAnswer):
    items = Items(Part(PostingOut), required=True)


class PostingIn(Body):
    points = Whole(-MOST_POINTS, MOST_POINTS, required=True, metadata={"description": "negative spends"})
    reason = Text(30, 1, required=True, metadata={"description": "why, such as campaign or redemption"})
    source = Text(
        60, 1, required=True, metadata={"description": "what it comes from; posted once per reason"}
    )
    note = Text(200, load_default="")


class PostedOut(PostingOut):
    balance = Whole(-LARGEST_ID, required=True)


@bp.get("/customers/<int:customer_id>/points")
@needs("points:read")
@bp.output(BalanceOut)
def show_balance(customer_id: int) -> dict[str, Any]:
    """Show a customer's points"""
    customer_for_program(customer_id)
    return {"customer_id": customer_id, "balance": balance(customer_id)}


@bp.get("/customers/<int:customer_id>/points/may")
@needs("points:read")
@bp.input(MayQuery, location="query")
@bp.output(MayOut)
def may_spend(customer_id: int, query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Ask whether a customer may spend points"""
    customer_for_program(customer_id)
    held = balance(customer_id)
    return {"customer_id": customer_id, "balance": held, "may": held >= query_data["spend"]}


@bp.get("/customers/<int:customer_id>/points/history")
@needs("points:read")
@bp.input(PageQuery, location="query")
@bp.output(HistoryOut)
def list_postings(customer_id: int, query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List what moved a customer's points, newest first"""
    customer_for_program(customer_id)
    place = place_of(query_data.get("cursor"), int)
    limit = query_data["limit"]
    rows = history(customer_id, before_id=place[0] if place else None, limit=limit + 1)
    page = page_of(rows, limit, lambda row: (row[0].id,))
    page["items"] = [_posting(posted, points) for posted, points in page["items"]]
    return page


@bp.post("/customers/<int:customer_id>/points")
@needs("points:write")
@bp.input(PostingIn)
@bp.output(PostedOut)
def post_points(customer_id: int, json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Give or spend points, once per reason and source

    Too few to spend: 409 points_short. The same reason and source with other points or for another customer: 409
    points_differ.
    """
    points = json_data["points"]
    if points == 0:
        raise Invalid("points_zero", field="points")
    # The program's own words are kept apart from those of the ledger's rules (order, referral …).
    reason, source = f"api:{json_data['reason']}", f"{current_caller().family}:{json_data['source']}"
    facts = {"note": json_data["note"], "by": current_caller().name}
    with transaction():
        customer_for_program(customer_id)
        if points > 0:
            posted = earn_points(customer_id, points, reason=reason, source=source, facts=facts)
        else:
            posted = spend_points(customer_id, -points, reason=reason, source=source, facts=facts)
        assert posted is not None
        if _moved(posted, customer_id) != points:
            raise Conflict("points_differ", field="source")
    return {**_posting(posted, points), "balance": balance(customer_id)}


def _moved(posted: LedgerTransaction, customer_id: int) -> int:
    return sum(entry.points for entry in posted.entries if entry.account.customer_id == customer_id)


def _posting(posted: LedgerTransaction, points: int) -> dict[str, Any]:
    return {
        "id": posted.id,
        "points": points,
        "reason": posted.reason,
        "source": posted.source,
        "at": posted.at,
        "facts": posted.facts,
    }
