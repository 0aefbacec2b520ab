"""A key is shown once, kept as a hash, rotated with an overlap, revoked at once, and its use is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from socialcrm import create_app
from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.api.actions import issue_key, revoke_key, rotate_key
from socialcrm.api.models import ApiKey
from socialcrm.config import Config
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Conflict
from socialcrm.settings import change_setting

from ..factories import make_account
from .conftest import Program

Browsers = Callable[[Account], FlaskClient]


def shown(page: str) -> str:
    return re.search(r"data-key-text>([^<]+)<", page).group(1)  # type: ignore[union-attr]


def test_an_admin_makes_a_key_that_is_shown_once(app: Flask, client_of: Browsers, admin: Account) -> None:
    browser = client_of(admin)
    page = browser.post("/admin/api-keys", data={"name": "商城", "scopes": ["customers:read"]}).text
    text = shown(page)
    assert Program(app, text).get("/customers").status_code == 200
    again = browser.get("/admin/api-keys").text
    row = db.session.scalars(select(ApiKey)).one()
    assert text not in again and row.prefix in again
    assert text not in (row.digest, row.prefix) and len(row.digest) == 64
    assert db.session.scalars(select(AuditEntry.deed)).all() == ["api_key_made"]


def test_what_was_typed_is_kept_when_no_scope_is_chosen(client_of: Browsers, admin: Account) -> None:
    answer = client_of(admin).post("/admin/api-keys", data={"name": "收银台"})
    assert answer.status_code == 422 and "收银台" in answer.text
    assert db.session.scalar(select(ApiKey.id)) is None


@pytest.mark.parametrize("who", ["lina", "agent", "lead", "manager"])
def test_nobody_else_sees_keys(client_of: Browsers, cast: dict[str, Account], who: str) -> None:
    browser = client_of(cast[who])
    assert browser.get("/admin/api-keys").status_code == 403
    assert (
        browser.post("/admin/api-keys", data={"name": "x", "scopes": ["customers:read"]}).status_code == 403
    )


def test_a_rotated_key_overlaps(app: Flask, client_of: Browsers, program: Program, admin: Account) -> None:
    old = db.session.scalars(select(ApiKey)).one()
    fresh = Program(
        app, shown(client_of(admin).post(f"/admin/api-keys/{old.id}/rotate", data={"overlap": "24"}).text)
    )
    assert (program.get("/customers").status_code, fresh.get("/customers").status_code) == (200, 200)
    with transaction():
        db.session.execute(update(ApiKey).where(ApiKey.id == old.id).values(expires_at=utcnow()))
    assert program.get("/customers").json["title"] == "key_expired"  # type: ignore[index]
    assert fresh.get("/customers").status_code == 200
    with pytest.raises(Conflict), transaction():
        rotate_key(db.session.get_one(ApiKey, old.id), timedelta(hours=1), made_by_id=admin.id)


def test_a_revoked_key_ends_at_once(program: Program, client_of: Browsers, admin: Account) -> None:
    key = db.session.scalars(select(ApiKey)).one()
    client_of(admin).post(f"/admin/api-keys/{key.id}/revoke")
    assert program.get("/customers").json["title"] == "key_revoked"  # type: ignore[index]
    with transaction():
        revoke_key(db.session.get_one(ApiKey, key.id))


def test_its_use_is_noted_once_a_minute(program: Program) -> None:
    program.get("/customers")
    key = db.session.scalars(select(ApiKey)).one()
    first = key.last_used_at
    assert first is not None and key.last_used_from == "127.0.0.1"
    program.get("/customers")
    db.session.refresh(key)
    assert key.last_used_at == first
    with transaction():
        key.last_used_at = first - timedelta(minutes=2)
    program.get("/customers")
    db.session.refresh(key)
    assert key.last_used_at is not None and key.last_used_at > first


def test_the_rate_is_counted_by_integration(config: Config) -> None:
    app = create_app(replace(config, rate_limits=True))
    with app.app_context():
        with transaction():
            change_setting("api.requests_per_minute", 2)
            _, fresh = issue_key("商城", ["customers:read"], made_by_id=make_account("管理员", "admin").id)
        answers = [Program(app, fresh.text).get("/customers") for _ in range(3)]
        db.session.remove()
        db.engine.dispose()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].content_type == "application/problem+json"
