"""What every operation of the OpenAPI document shares: the key, the Idempotency-Key header, and the problems."""

from __future__ import annotations

from typing import Any

from .once import HEADER

PROBLEM = "application/problem+json"
DESCRIPTION = """SocialCRM's REST API. Every request carries `Authorization: Bearer <key>`; an administrator makes keys
with scopes. Lists give `next_cursor` for their next page (`?cursor=`). A POST may carry `Idempotency-Key`: repeated
within a day with the same body it gives the same answer and does nothing again. Errors are problem+json (RFC 9457):
`title` is a code, `field` the input it is about, `errors` every field that does not fit. Money is integer cents with a
currency, times are ISO 8601 with a zone."""
REASONS = {
    "400": "The body is not JSON",
    "401": "No key, or one that opens nothing (key_missing, key_unknown, key_revoked, key_expired)",
    "403": "The key lacks the scope (scope_missing), or this is not allowed",
    "404": "There is no such thing",
    "409": "It contradicts what is there already (code says what), or idempotency_key_reused",
    "413": "The body is too large",
    "422": "A field does not fit",
    "503": "What it needs does not answer just now",
    "429": "Too many requests; Retry-After says when to come back",
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "the error's code"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": ["string", "null"]},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "field", "code"],
                "properties": {
                    "in": {"type": "string"},
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """The document with what is said once for all operations."""
    spec["info"]["description"] = DESCRIPTION
    components = spec.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    _join_twins(spec, components["schemas"])
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path in spec["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    return spec


def _join_twins(spec: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A schema that is nested and an answer of its own is registered twice (OrderOut, OrderOut1): make them one."""
    twins = {name: name[:-1] for name in schemas if name[-1] == "1" and name[:-1] in schemas}
    for name in twins:
        del schemas[name]
    _rename(
        spec, {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in twins.items()}
    )


def _rename(node: Any, references: dict[str, str]) -> None:
    if isinstance(node, list):
        for each in node:
            _rename(each, references)
    elif isinstance(node, dict):
        if node.get("$ref") in references:
            node["$ref"] = references[node["$ref"]]
        for each in node.values():
            _rename(each, references)


def _complete(method: str, operation: dict[str, Any]) -> None:
    for status, reason in REASONS.items():
        operation["responses"].setdefault(status, _problem(reason))
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["required"] = True
            if parameter["schema"] == {"type": "integer"}:
                parameter["schema"] = {"type": "integer", "minimum": 0}
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    if method == "post":
        schema = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"}
        operation["parameters"].append({"in": "header", "name": HEADER, "schema": schema})


def _problem(reason: str) -> dict[str, Any]:
    return {
        "description": reason,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
