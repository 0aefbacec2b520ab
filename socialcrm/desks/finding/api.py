"""Search through the API, through the same doors as the search page of whoever made the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from ...accounts.models import Account
from ...api import PREFIX
from ...api.access import current_caller, needs
from ...api.fields import Answer, Choice, Flag, Items, Moment, PageAnswer, Part, Share, Text, Whole
from ...api.fields import PageQuery as Pages
from ...database import db
from ...errors import SocialError
from ...search.analysis import LONGEST_QUERY
from ...search.documents import KINDS, PUBLIC_KINDS
from ...search.engine import SearchUnavailable
from ...search.highlight import Piece
from ...search.queries import search
from .access import door_for, viewer_for

bp = APIBlueprint("search_api", __name__, url_prefix=PREFIX, tag="Search")


class SearchAway(SocialError):
    """The engine does not answer: 503."""

    status = 503


class SearchQuery(Pages):
    q = Text(LONGEST_QUERY, 1, required=True)
    kind = Choice(*KINDS)


class HitOut(Answer):
    kind = Choice(*KINDS, required=True)
    id = Whole(required=True)
    title = Text(required=True)
    excerpt = Text(required=True)
    url = Text(required=True)
    at = Moment(required=True)
    group_id = Whole(required=True, allow_none=True)
    customer_id = Whole(required=True, allow_none=True)
    score = Share(required=True)


class HitsOut(PageAnswer):
    items = Items(Part(HitOut), required=True)
    loosely = Flag(
        required=True, metadata={"description": "nothing answered everything; these answer most of it"}
    )


@bp.get("/search")
@needs("search:read")
@bp.input(SearchQuery, location="query")
@bp.output(HitsOut)
def find(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Search topics, replies, groups; customers and cases where the key may read customers

    Understands Chinese words, pinyin and initials.
    """
    caller = current_caller()
    kinds = KINDS if caller.may("customers:read") else PUBLIC_KINDS
    wanted = tuple(kind for kind in kinds if query_data.get("kind") in (None, kind))
    if not wanted:
        return {"items": [], "next_cursor": None, "loosely": False}
    account = db.session.get(Account, caller.made_by_id)
    try:
        found = search(
            query_data["q"],
            viewer_for(account),
            kinds=wanted,
            after=query_data.get("cursor"),
            limit=query_data["limit"],
            may_open=door_for(account),
        )
    except SearchUnavailable:
        raise SearchAway("search_unavailable") from None
    items = [
        {
            **{name: getattr(hit, name) for name in hit.__slots__},
            "title": _text(hit.title),
            "excerpt": _text(hit.excerpt),
        }
        for hit in found.hits
    ]
    return {"items": items, "next_cursor": found.after, "loosely": found.loosely}


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)
