"""A program that calls the API, and the keys it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from socialcrm.accounts.models import Account
from socialcrm.api.actions import issue_key
from socialcrm.api.scopes import SCOPES
from socialcrm.database import transaction

from ..factories import make_account


class Program:
    """Calls `/api/v1` with a key; `ok` expects success and gives the JSON."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self.client = app.test_client()
        self.key = key

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        given = {"json": body} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"/api/v1{path}", method=method, headers=named, **given)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, **headers)

    def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.ask(method, path, body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def admin(app: Flask) -> Account:
    return make_account("管理员", "admin")


@pytest.fixture
def program_with(app: Flask, admin: Account) -> Callable[..., Program]:
    """`program_with("orders:read")`: a program whose key has these scopes."""

    def make(*scopes: str) -> Program:
        with transaction():
            _, fresh = issue_key("商城", scopes, made_by_id=admin.id)
        return Program(app, fresh.text)

    return make


@pytest.fixture
def program(program_with: Callable[..., Program]) -> Program:
    """A program that may do everything."""
    return program_with(*SCOPES)
