"""Pages by key: an opaque cursor holds the place of the last thing seen. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from ..errors import Invalid

LARGEST_ID = 2**53 - 1
T = TypeVar("T")


def cursor_of(*place: int | datetime) -> str:
    """The cursor of a place: its numbers and times in the order of the list's key."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in place]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> Any:
    """The place in a cursor, a tuple of `kinds` (int, datetime); None without one. Invalid `bad_cursor`."""
    if not cursor:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError("another list's cursor")
        return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise Invalid("bad_cursor", field="cursor") from None


def _part(part: Any, kind: type) -> int | datetime:
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC)
    if type(part) is not int or not 0 <= part <= LARGEST_ID:
        raise ValueError("not a number")
    return part


def page_of(
    found: Sequence[T], limit: int, place: Callable[[T], tuple[int | datetime, ...]]
) -> dict[str, Any]:
    """The body of a list, from up to `limit + 1` rows: {items, next_cursor}."""
    items = list(found[:limit])
    return {"items": items, "next_cursor": cursor_of(*place(items[-1])) if len(found) > limit else None}
