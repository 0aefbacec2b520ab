"""What the readable page shows of the OpenAPI document. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Line:
    """One field: where it stands in its object (`lines[].code`), its type, whether it must be there, what it means."""

    name: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """One thing a program may ask."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    parameters: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    answer: list[Line] = field(default_factory=list)


def sections(document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Tag → its operations, in the order of their paths."""
    found: dict[str, list[Operation]] = {}
    for path, operations in sorted(document["paths"].items()):
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                tag = operation.get("tags", [""])[0]
                found.setdefault(tag, []).append(_operation(document, path, method, operation))
    return dict(sorted(found.items()))


def _operation(document: Mapping[str, Any], path: str, method: str, given: Mapping[str, Any]) -> Operation:
    body = given.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answer = given["responses"].get("200", given["responses"].get("201", {}))
    answer = answer.get("content", {}).get("application/json", {}).get("schema", {})
    security = given.get("security", [{}])[0]
    return Operation(
        id=given["operationId"],
        method=method.upper(),
        path=path,
        summary=given.get("summary", ""),
        text=given.get("description", ""),
        scope=next(iter(security.get("key", [])), ""),
        parameters=[_parameter(each) for each in given["parameters"] if each["in"] != "header"],
        body=list(_lines(document, body)),
        answer=list(_lines(document, answer)),
    )


def _parameter(given: Mapping[str, Any]) -> Line:
    schema = given.get("schema", {})
    text = given.get("description") or schema.get("description", "")
    return Line(given["name"], _type(schema), bool(given.get("required")), text)


def _lines(document: Mapping[str, Any], schema: Mapping[str, Any], before: str = "") -> Iterator[Line]:
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    for name, each in schema.get("properties", {}).items():
        inner = _resolved(document, each)
        where = f"{before}{name}"
        yield Line(
            where, _type(inner), name in required, each.get("description", inner.get("description", ""))
        )
        items = _resolved(document, inner.get("items", {}))
        if items.get("properties"):
            yield from _lines(document, items, f"{where}[].")
        elif inner.get("properties"):
            yield from _lines(document, inner, f"{where}.")


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself where it is a reference, alone or as the one part of `allOf`."""
    if len(schema.get("allOf", ())) == 1:
        schema = schema["allOf"][0]
    reference = schema.get("$ref", "")
    if not reference:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _type(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "object")
    text = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if schema.get("enum"):
        return " · ".join(str(word) for word in schema["enum"] if word is not None)
    if schema.get("format"):
        text += f" ({schema['format']})"
    if "maxLength" in schema:
        text += f" ≤ {schema['maxLength']}"
    return text


#: `code`, and the words of HTTP that stand in a sentence without backticks.
_CODE = re.compile(
    r"`([^`]+)`|(\bIdempotency-Key\b|\bRetry-After\b|\bX-SocialCRM-\w+|\bnext_cursor\b|\?cursor=)"
)


def coded(text: str) -> Markup:
    """A sentence with its code marked as code."""
    parts = []
    end = 0
    for match in _CODE.finditer(text):
        parts += [escape(text[end : match.start()]), Markup("<code>{}</code>").format(match[1] or match[2])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
