"""Lists of rows, a page at a time by their key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from ..database import UtcDateTime, db
from .paging import page_of, place_of


def list_page(
    query: Select[Any],
    asked: Mapping[str, Any],
    *key: InstrumentedAttribute[Any],
    oldest_first: bool = False,
    shown: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """The body of a list of rows in the order of their key (times and ids, the last of them unique): {items, next_cursor}.

    `asked` holds `limit`, and `cursor` to go on from; `shown` makes of a row what is answered. Invalid `bad_cursor`.
    """
    kinds = [datetime if isinstance(column.type, UtcDateTime) else int for column in key]
    place = place_of(asked.get("cursor"), *kinds)
    if place:
        query = query.where(_beyond(key, place, oldest_first))
    order = [column if oldest_first else column.desc() for column in key]
    rows = db.session.scalars(query.order_by(*order).limit(asked["limit"] + 1))
    page = page_of(list(rows), asked["limit"], lambda row: tuple(getattr(row, part.key) for part in key))
    return page | {"items": [shown(row) for row in page["items"]]}


def _beyond(
    key: tuple[InstrumentedAttribute[Any], ...], place: tuple[Any, ...], oldest_first: bool
) -> ColumnElement[bool]:
    """Further than the place by the first part that differs."""
    ways = []
    for number, (column, value) in enumerate(zip(key, place, strict=True)):
        same = [earlier == place[index] for index, earlier in enumerate(key[:number])]
        ways.append(and_(*same, column > value if oldest_first else column < value))
    return or_(*ways)
