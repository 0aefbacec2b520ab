"""Every resource asks for a key with its scope; no key, a wrong one and a wrong scope open nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.api.scopes import SCOPES

from .conftest import Program


def operations(app: Flask) -> list[tuple[str, str, str]]:
    """(method, path with numbers filled in, scope) of every documented operation."""
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]  # type: ignore[index]
    return [
        (
            method.upper(),
            re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1")),
            operation["security"][0]["key"][0],
        )
        for path, found in paths.items()
        for method, operation in found.items()
    ]


def test_every_operation_has_a_known_scope(app: Flask) -> None:
    found = operations(app)
    assert len(found) > 10
    assert {scope for _, _, scope in found} <= set(SCOPES)


def test_every_route_under_the_prefix_is_documented(app: Flask) -> None:
    documented = {path for _, path, _ in operations(app)} | {"/", "/openapi.json"}
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    assert {re.sub(r"<[^>]+>", "1", route.removeprefix("/api/v1")) for route in routes} == documented


@pytest.mark.parametrize("key", [None, "scrm_00000000_nobody", ""])
def test_without_a_key_nothing_opens(app: Flask, key: str | None) -> None:
    for method, path, _ in operations(app):
        answer = Program(app, key).ask(method, path, {} if method == "POST" else None)
        assert answer.status_code == 401, (method, path)
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_scope_opens_nothing(app: Flask, program_with: Callable[..., Program]) -> None:
    found = operations(app)
    for scope in sorted({scope for _, _, scope in found}):
        other = program_with(*(each for each in SCOPES if each != scope))
        for method, path, needed in found:
            if needed == scope:
                answer = other.ask(method, path, {} if method == "POST" else None)
                assert (answer.status_code, answer.json["title"]) == (403, "scope_missing"), (method, path)  # type: ignore[index]


def test_the_right_scope_alone_passes_the_door(app: Flask, program_with: Callable[..., Program]) -> None:
    for method, path, scope in operations(app):
        answer = program_with(scope).ask(method, path, {} if method == "POST" else None)
        assert answer.status_code not in (401, 403) and answer.status_code < 500, (method, path, answer.text)


def test_a_signed_in_browser_opens_nothing(client_of: Callable[..., object], admin: Account) -> None:
    browser = client_of(admin)
    assert browser.get("/api/v1/customers").status_code == 401  # type: ignore[attr-defined]
