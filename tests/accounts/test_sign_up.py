"""Signing up by email or phone: consents, the referral cookie, proof of the address, doubles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.accounts.tokens import remember_referral
from socialcrm.customers.models import Consent, Identity, TimelineEntry
from socialcrm.customers.queries import consents_of, customer_by_identity
from socialcrm.database import db
from socialcrm.events import EventRow
from socialcrm.outbox.models import Message

LINA = {"display_name": "李娜", "login": "Lina@Example.com", "password": "coffee and rain"}


def opened() -> Account:
    return db.session.scalars(select(Account)).one()


def test_the_page_states_the_service_and_ticks_nothing(client: FlaskClient) -> None:
    page = client.get("/sign-up").text
    assert "提供服务所必需" in page and 'name="consent_service"' not in page
    assert page.count('type="checkbox"') == 6 and "checked" not in page


def test_email_and_password_open_an_account_and_sign_in(client: FlaskClient) -> None:
    response = client.post("/sign-up", data=LINA | {"next": "/groups"})
    assert response.location == "/groups"
    account = opened()
    assert account.email == "lina@example.com" and account.role == "customer"
    assert account.password is not None and account.password.startswith("$argon2id$")
    assert client.get("/sign-in").location == "/"


def test_each_ticked_box_is_stored_with_its_text_version(client: FlaskClient) -> None:
    client.post("/sign-up", data=LINA | {"consent_profiling": "y", "consent_marketing_sms": "y"})
    rows = db.session.scalars(select(Consent).order_by(Consent.purpose)).all()
    assert [(row.purpose, row.granted, row.text_version, row.source) for row in rows] == [
        ("marketing_sms", True, 1, "sign_up"),
        ("profiling", True, 1, "sign_up"),
    ]
    assert consents_of(opened().customer_id) == {"marketing_sms": True, "profiling": True}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"login": "lina@"}, "邮箱写得不对"),
        ({"login": "12"}, "手机号写得不对"),
        ({"password": "short"}, "密码至少 8 位"),
        ({"password": "12345678"}, "太容易被猜到"),
        ({"password": "lina@example.com"}, "太容易被猜到"),
        ({"display_name": "  "}, "写一个昵称"),
    ],
)
def test_bad_input_keeps_what_was_typed(client: FlaskClient, change: dict[str, str], sentence: str) -> None:
    response = client.post("/sign-up", data=LINA | change)
    assert response.status_code == 422 and sentence in response.text
    typed = (LINA | change)["login"]
    assert f'value="{typed}"' in response.text and 'value="coffee' not in response.text
    assert db.session.scalar(select(Account.id)) is None


def test_the_referral_code_of_the_cookie_is_announced_and_spent(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        response = app.make_response("")
        remember_referral(response, "ABCD", "王强")
    client.set_cookie("ref", response.headers["Set-Cookie"].split("=", 1)[1].split(";")[0])
    assert "王强 邀请你来" in client.get("/sign-up").text
    answer = client.post("/sign-up", data=LINA)
    payload = db.session.scalars(select(EventRow).where(EventRow.name == "AccountOpened")).one().payload
    account = opened()
    assert payload == {
        "account_id": account.id,
        "customer_id": account.customer_id,
        "referral_code": "ABCD",
    }
    assert any("ref=;" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_forged_referral_cookie_counts_for_nothing(client: FlaskClient) -> None:
    client.set_cookie("ref", "WyJBQkNEIiwi546L5by6Il0.x.y")
    client.post("/sign-up", data=LINA)
    payload = db.session.scalars(select(EventRow).where(EventRow.name == "AccountOpened")).one().payload
    assert payload["referral_code"] is None


def test_the_same_form_twice_opens_one_account(app: Flask, client: FlaskClient) -> None:
    client.post("/sign-up", data=LINA)
    again = app.test_client()
    assert again.post("/sign-up", data=LINA).status_code == 302
    assert again.get("/sign-in").status_code == 302
    assert db.session.scalars(select(Account)).one().email == "lina@example.com"


def test_somebody_elses_address_is_refused(app: Flask, client: FlaskClient) -> None:
    client.post("/sign-up", data=LINA)
    other = app.test_client().post("/sign-up", data=LINA | {"password": "another password"})
    assert other.status_code == 422 and "已经有账号了" in other.text


def test_a_mail_proves_the_address_only_by_the_button(client: FlaskClient, drain: Callable[[], int]) -> None:
    client.post("/sign-up", data=LINA)
    drain()
    mail = db.session.scalars(select(Message)).one()
    assert mail.recipient == "lina@example.com" and mail.state == "kept"
    path = mail.body.split("http://127.0.0.1:8000")[1].split()[0]
    assert client.get(path).status_code == 200
    assert customer_by_identity("email", "lina@example.com") is None
    assert "邮箱确认好了" in client.post(path).text
    known = customer_by_identity("email", "lina@example.com")
    assert known is not None and known.id == opened().customer_id
    assert db.session.scalars(select(TimelineEntry.kind)).all() == ["signed_up"]


def test_a_phone_is_proven_by_the_code_and_matches_nobody_before(
    client: FlaskClient, drain: Callable[[], int]
) -> None:
    response = client.post("/sign-up", data=LINA | {"login": "138 0013 8000", "next": "/groups"})
    assert response.location == "/verify/phone?next=/groups"
    drain()
    message = db.session.scalars(select(Message)).one()
    assert message.channel == "sms" and message.recipient == "+8613800138000"
    code = message.facts["code"]
    wrong = client.post("/verify/phone", data={"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 422 and "验证码不对" in wrong.text
    assert customer_by_identity("phone", "13800138000") is None
    assert client.post("/verify/phone", data={"code": code, "next": "/groups"}).location == "/groups"
    assert db.session.scalars(select(Identity)).one().verified_at is not None


def test_a_code_is_dead_after_five_wrong_tries(client: FlaskClient, drain: Callable[[], int]) -> None:
    client.post("/sign-up", data=LINA | {"login": "13800138000"})
    drain()
    code = db.session.scalars(select(Message)).one().facts["code"]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        client.post("/verify/phone", data={"code": wrong})
    assert client.post("/verify/phone", data={"code": code}).status_code == 422
