"""Signing in and out: passwords, rotation of the session, `next`, lock-out, reset, devices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.actions import set_password
from socialcrm.accounts.lockout import delay_after
from socialcrm.accounts.logins import safe_next
from socialcrm.accounts.models import Account, SignInSession
from socialcrm.accounts.passwords import hash_password
from socialcrm.database import db, transaction, utcnow
from socialcrm.outbox.models import Message

PASSWORD = "coffee and rain"


@pytest.fixture
def lina(cast: dict[str, Account]) -> Account:
    encoded = hash_password(PASSWORD)
    with transaction():
        set_password(cast["lina"], encoded)
    return cast["lina"]


def attempt(client: FlaskClient, password: str = PASSWORD, **more: str) -> int:
    data = {"login": "lina@example.com", "password": password} | more
    return client.post("/sign-in", data=data).status_code


def signed_in(client: FlaskClient) -> bool:
    return client.get("/me/security").status_code == 200


def test_the_right_password_signs_in_with_a_new_session_key(client: FlaskClient, lina: Account) -> None:
    with client.session_transaction() as cookie:
        cookie["key"] = "planted by somebody else"
    assert attempt(client) == 302
    with client.session_transaction() as cookie:
        assert cookie["key"] != "planted by somebody else"
    assert signed_in(client)


@pytest.mark.parametrize("login", ["nobody@example.com", "13900139000", "lina@example.com"])
def test_a_wrong_password_and_an_unknown_login_read_the_same(
    client: FlaskClient, lina: Account, login: str
) -> None:
    page = client.post("/sign-in", data={"login": login, "password": "not the password"})
    assert page.status_code == 422 and "账号或密码不对" in page.text and f'value="{login}"' in page.text


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/groups?page=2", "/groups?page=2"),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("https://evil.example/", None),
        ("javascript:alert(1)", None),
        ("/\tgo", None),
        ("groups", None),
        ("", None),
        (None, None),
    ],
)
def test_next_stays_on_this_site(target: str | None, kept: str | None) -> None:
    assert safe_next(target) == kept


def test_a_foreign_next_leads_home(client: FlaskClient, lina: Account) -> None:
    data = {"login": "lina@example.com", "password": PASSWORD, "next": "//evil.example"}
    assert client.post("/sign-in", data=data).location == "/"


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (10, 32), (11, 60), (500, 60)]
)
def test_the_delay_doubles_after_the_fifth_failure(failures: int, minutes: int) -> None:
    assert delay_after(failures) == timedelta(minutes=minutes)


def test_five_failures_lock_out_the_right_password_too(client: FlaskClient, lina: Account) -> None:
    for _ in range(5):
        assert attempt(client, "not the password") == 422
    page = client.post("/sign-in", data={"login": "lina@example.com", "password": PASSWORD})
    assert page.status_code == 422 and "1 分钟后再试" in page.text
    with transaction():
        db.session.get_one(Account, lina.id).locked_until = utcnow() - timedelta(seconds=1)
    assert attempt(client) == 302
    assert db.session.get_one(Account, lina.id).failed_sign_ins == 0


def test_an_inactive_account_does_not_sign_in(client: FlaskClient, lina: Account) -> None:
    with transaction():
        db.session.get_one(Account, lina.id).active = False
    assert attempt(client) == 422


def test_signing_out_ends_the_session_row(client: FlaskClient, lina: Account) -> None:
    attempt(client)
    assert client.post("/sign-out").status_code == 302
    assert not signed_in(client)
    assert db.session.scalars(select(SignInSession)).one().ended_at is not None


def test_the_reset_link_works_once_and_signs_out_everywhere(
    app: Flask, client: FlaskClient, lina: Account, drain: Callable[[], int]
) -> None:
    attempt(client)
    other = app.test_client()
    answer = other.post("/forgot", data={"login": "LINA@example.com"})
    drain()
    mail = db.session.scalars(select(Message)).one()
    assert "看看邮箱" in answer.text and mail.template == "reset"
    path = mail.body.split("http://127.0.0.1:8000")[1].split()[0]
    assert other.post(path, data={"password": "a quite new password"}).location == "/sign-in"
    assert other.get(path).status_code == 422
    assert not signed_in(client)
    assert attempt(client) == 422 and attempt(client, "a quite new password") == 302


def test_the_reset_answers_the_same_for_an_unknown_address(
    client: FlaskClient, lina: Account, drain: Callable[[], int]
) -> None:
    known = client.post("/forgot", data={"login": "lina@example.com"}).text
    unknown = client.post("/forgot", data={"login": "nina@example.com"}).text
    assert unknown.replace("nina@", "lina@") == known
    drain()
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_link_of_another_kind_or_a_stale_one_is_refused(
    app: Flask, client: FlaskClient, lina: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from socialcrm.accounts import tokens
    from socialcrm.accounts.recovery import views

    with transaction():
        db.session.get_one(Account, lina.id).reset_nonce = "nonce"
    assert client.get(f"/reset/{tokens.sign('email', [lina.id, 'nonce'])}").status_code == 422
    token = tokens.sign("reset", [lina.id, "nonce"])
    assert client.get(f"/reset/{token}").status_code == 200
    monkeypatch.setattr(views, "RESET_SECONDS", -1)
    assert client.get(f"/reset/{token}").status_code == 422


def test_changing_the_password_ends_the_other_devices(
    client: FlaskClient, lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    phone = client_of(lina)
    attempt(client)
    wrong = client.post("/me/security/password", data={"current": "no", "password": "a quite new password"})
    assert wrong.status_code == 422 and "现在的密码不对" in wrong.text
    client.post("/me/security/password", data={"current": PASSWORD, "password": "a quite new password"})
    assert signed_in(client) and not signed_in(phone)


def test_one_device_or_all_can_be_signed_out(
    client: FlaskClient, lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    phone, laptop = client_of(lina), client_of(lina)
    client.post(
        "/sign-in",
        data={"login": "lina@example.com", "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) MicroMessenger/8.0"},
    )
    assert "WeChat · iPhone" in client.get("/me/security").text
    first = db.session.scalars(select(SignInSession).order_by(SignInSession.id)).first()
    assert first is not None
    client.post(f"/me/security/devices/{first.id}/end")
    assert not signed_in(phone) and signed_in(laptop)
    client.post("/me/security/devices/end")
    assert not signed_in(laptop) and signed_in(client)
    assert client.post("/me/security/devices/end", data={"here": "1"}).location == "/sign-in"
    assert not signed_in(client)


def test_a_device_of_somebody_else_stays(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    wangqiang = client_of(cast["wangqiang"])
    row = db.session.scalars(select(SignInSession)).one()
    client_of(cast["lina"]).post(f"/me/security/devices/{row.id}/end")
    assert signed_in(wangqiang)


def test_use_of_a_device_is_noted_every_ten_minutes(client: FlaskClient, lina: Account) -> None:
    attempt(client)
    long_ago = utcnow() - timedelta(hours=3)
    with transaction():
        db.session.scalars(select(SignInSession)).one().seen_at = long_ago
    with client.session_transaction() as cookie:
        cookie["seen"] = 0
    client.get("/me/security")
    noted = db.session.scalars(select(SignInSession.seen_at)).one()
    assert noted > utcnow() - timedelta(minutes=1)
    client.get("/me/security")
    assert db.session.scalars(select(SignInSession.seen_at)).one() == noted
