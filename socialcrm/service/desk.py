"""What the desk's lists share: reading keys of pages, and which row is open on the asking screen."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flask import request

from ..errors import Invalid
from ..web import moment_and_id, whole_number


def asked_number(name: str) -> int | None:
    """A query argument as a positive number; Invalid `number_invalid` for anything else."""
    value = request.args.get(name)
    if not value:
        return None
    try:
        return whole_number(value)
    except ValueError:
        raise Invalid("number_invalid", field=name) from None


def page_key(name: str) -> tuple[datetime, int] | None:
    """A `time,id` key of the last row seen; Invalid `key_invalid` for a broken one."""
    value = request.args.get(name)
    if not value:
        return None
    try:
        return moment_and_id(value)
    except ValueError:
        raise Invalid("key_invalid", field=name) from None


def chosen_id(prefix: str) -> int | None:
    """The row open on the screen that asks: the number after `prefix` in the address it asks from."""
    path = urlsplit(request.referrer or "").path
    rest = path.removeprefix(prefix)
    return int(rest) if path != rest and rest.isascii() and rest.isdecimal() and len(rest) < 18 else None
