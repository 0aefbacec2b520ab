"""What cannot be read or validated becomes problem+json that names each field and its code."""

from __future__ import annotations

from typing import Any

from apiflask.exceptions import HTTPError
from flask import Response

from ..errors import problem


def unreadable(error: HTTPError) -> Response:
    """APIFlask's error for input that does not fit its schema, or is not JSON at all."""
    if error.status_code == 400:
        return problem(400, "not_json")
    errors = [
        {"in": place, "field": field, "code": code}
        for place, found in (error.detail or {}).items()
        for field, code in _flat(found)
    ]
    if not errors:
        return problem(error.status_code, "invalid", error.message)
    first = errors[0]
    return problem(422, "invalid", field=first["field"], errors=errors)


def _flat(found: Any, path: str = "") -> list[tuple[str, str]]:
    """(field, code) pairs of marshmallow's nested messages; a list's places are part of the name (lines.0.code)."""
    if isinstance(found, dict):
        return [
            pair
            for name, inner in found.items()
            for pair in _flat(inner, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(found, list):
        return [pair for inner in found for pair in _flat(inner, path)]
    return [(path.removesuffix("._schema").removesuffix("_schema"), str(found))]
