"""Rate limits at the doors, and a forgotten password by phone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm import create_app
from socialcrm.accounts.models import Account
from socialcrm.config import Config
from socialcrm.database import db, transaction
from socialcrm.outbox.models import Message


def test_asking_for_resets_is_limited_by_address(config: Config) -> None:
    app = create_app(dataclasses.replace(config, rate_limits=True))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answers = [client.post("/forgot", data={"login": "nobody@example.com"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "请稍等一会儿" in answers[-1].text
    with app.app_context():
        db.engine.dispose()


def test_a_forgotten_password_is_set_by_the_code_sent_to_the_phone(
    client: FlaskClient, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    with transaction():
        cast["lina"].phone = "+8613800138000"
    assert client.post("/forgot", data={"login": "13800138000"}).location == "/reset-by-phone"
    client.post("/forgot", data={"login": "13800138000"})
    drain()
    message = db.session.scalars(select(Message)).one()
    new = {"password": "a quite new password"}
    wrong = client.post("/reset-by-phone", data=new | {"code": "not a code"})
    assert wrong.status_code == 422 and "验证码不对" in wrong.text
    done = client.post("/reset-by-phone", data=new | {"code": message.facts["code"]})
    assert done.location == "/sign-in"
    again = client.post("/sign-in", data={"login": "13800138000", **new})
    assert again.status_code == 302 and again.location == "/"


def test_an_unknown_phone_is_answered_the_same(client: FlaskClient, drain: Callable[[], int]) -> None:
    assert client.post("/forgot", data={"login": "13900139000"}).location == "/reset-by-phone"
    assert "如果 +8613900139000 有账号" in client.get("/reset-by-phone").text
    drain()
    assert db.session.scalar(select(Message.id)) is None
