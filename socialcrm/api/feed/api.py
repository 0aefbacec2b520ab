"""The feed of events: everything that was announced, in order, to be read on from a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ...database import db, utcnow
from ...events import EventRow
from .. import PREFIX
from ..access import needs
from ..fields import Answer, Facts, Items, Moment, PageAnswer, PageQuery, Part, Text, Whole
from ..paging import cursor_of, place_of

bp = APIBlueprint("feed_api", __name__, url_prefix=PREFIX, tag="Events")

#: Steps of signing in: nobody else's matter.
PRIVATE = ("EmailLinkAsked", "PasswordResetAsked", "PhoneCodeAsked")
#: PostgreSQL numbers rows before they are committed: what is younger may still be joined by a smaller number.
SETTLED = timedelta(seconds=5)


class EventOut(Answer):
    id = Whole(required=True)
    name = Text(required=True, metadata={"description": "OrderPlaced, PostPublished, CaseSolved …"})
    at = Moment(required=True)
    payload = Facts(
        required=True, metadata={"description": "ids and facts; what they are is read by their id"}
    )


class EventsOut(PageAnswer):
    items = Items(Part(EventOut), required=True)


class EventQuery(PageQuery):
    name = Text(80, metadata={"description": "only events of this name"})


@bp.get("/events")
@needs("events:read")
@bp.input(EventQuery, location="query")
@bp.output(EventsOut)
def list_events(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Follow what happens, oldest first

    `next_cursor` is always there: ask again with it to get what came since.
    """
    place = place_of(query_data.get("cursor"), int)
    query = select(EventRow).where(EventRow.name.not_in(PRIVATE))
    if place:
        query = query.where(EventRow.id > place[0])
    if "name" in query_data:
        query = query.where(EventRow.name == query_data["name"])
    if db.engine.dialect.name == "postgresql":
        query = query.where(EventRow.at < utcnow() - SETTLED)
    rows = list(db.session.scalars(query.order_by(EventRow.id).limit(query_data["limit"])))
    last = rows[-1].id if rows else (place[0] if place else 0)
    return {"items": rows, "next_cursor": cursor_of(last)}
