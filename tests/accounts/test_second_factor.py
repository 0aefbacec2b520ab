"""The second factor: setting it up, codes that work once, recovery codes, staff who must have it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.actions import begin_second_factor, set_password
from socialcrm.accounts.models import Account
from socialcrm.accounts.passwords import hash_password
from socialcrm.accounts.second_factor import accepted_step, new_recovery_codes, normal_recovery_code
from socialcrm.database import db, transaction
from socialcrm.settings import change_setting

PASSWORD = "coffee and rain"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize(
    ("step", "last", "accepted"),
    [
        (100, None, 100),
        (99, None, 99),
        (101, 100, 101),
        (98, None, None),
        (102, None, None),
        (100, 100, None),
    ],
)
def test_a_code_fits_one_step_either_way_and_once(step: int, last: int | None, accepted: int | None) -> None:
    assert accepted_step(SECRET, code_at(step), 100 * 30 + 5, last) == accepted


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "1234567"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert accepted_step(SECRET, typed, 3000, None) is None


def test_recovery_codes_differ_and_are_read_generously() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 8
    assert normal_recovery_code(codes[0].upper().replace("-", " ")) == codes[0]


@pytest.fixture
def lina(cast: dict[str, Account]) -> Account:
    encoded, recovery = hash_password(PASSWORD), hash_password("abcde-fghjk")
    with transaction():
        set_password(cast["lina"], encoded)
        begin_second_factor(cast["lina"], SECRET, 1, [recovery])
    return cast["lina"]


def first_step(client: FlaskClient) -> None:
    answer = client.post(
        "/sign-in", data={"login": "lina@example.com", "password": PASSWORD, "next": "/groups"}
    )
    assert answer.location == "/sign-in/code"


def test_the_password_alone_does_not_sign_in(client: FlaskClient, lina: Account) -> None:
    first_step(client)
    assert client.get("/me/security").status_code == 302


def test_an_app_code_signs_in_once(app: Flask, client: FlaskClient, lina: Account) -> None:
    code = code_at(int(time.time()) // 30)
    first_step(client)
    assert client.post("/sign-in/code", data={"code": code}).location == "/groups"
    other = app.test_client()
    first_step(other)
    assert other.post("/sign-in/code", data={"code": code}).status_code == 422
    assert other.get("/me/security").status_code == 302


def test_a_recovery_code_signs_in_once(app: Flask, client: FlaskClient, lina: Account) -> None:
    first_step(client)
    assert client.post("/sign-in/code", data={"code": "ABCDE FGHJK"}).location == "/groups"
    other = app.test_client()
    first_step(other)
    assert other.post("/sign-in/code", data={"code": "abcde-fghjk"}).status_code == 422


def test_wrong_codes_lock_out(client: FlaskClient, lina: Account) -> None:
    first_step(client)
    for _ in range(5):
        client.post("/sign-in/code", data={"code": "nonsense"})
    page = client.post("/sign-in/code", data={"code": code_at(int(time.time()) // 30)})
    assert page.status_code == 422 and "分钟后再试" in page.text


def test_setting_up_shows_a_picture_and_recovery_codes(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    client = client_of(cast["agent"])
    page = client.get("/me/security/second-factor").text
    secret = page.split("<code>")[1].split("</code>")[0]
    picture = client.get("/me/security/second-factor/code.svg")
    assert picture.mimetype == "image/svg+xml" and picture.data.lstrip().startswith(b"<?xml")
    assert client.post("/me/security/second-factor", data={"code": "000000x"}).status_code == 422
    code = pyotp.TOTP(secret).now()
    done = client.post("/me/security/second-factor", data={"code": code})
    assert done.text.count('<code class="figures">') == 8
    assert db.session.get_one(Account, cast["agent"].id).totp_secret == secret
    assert client.get("/me/security/second-factor/code.svg").status_code == 404


def test_the_admin_may_require_it_of_staff_only(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    agent, member = client_of(cast["agent"]), client_of(cast["lina"])
    with transaction():
        change_setting("security.staff_second_factor", True)
    assert agent.get("/").location == "/me/security/second-factor?next=/?"
    assert agent.get("/me/security/second-factor").status_code == 200
    assert agent.post("/me/security/devices/end").status_code == 403
    assert member.get("/").status_code == 200
    with transaction():
        begin_second_factor(db.session.get_one(Account, cast["agent"].id), SECRET, 1, [])
    assert agent.get("/").status_code == 200
    assert agent.get("/me/security/second-factor/off").status_code == 403


def test_switching_off_asks_for_the_password(
    lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    client = client_of(lina)
    assert client.post("/me/security/second-factor/off", data={"current": "no"}).status_code == 422
    client.post("/me/security/second-factor/off", data={"current": PASSWORD})
    assert db.session.get_one(Account, lina.id).totp_secret is None


def test_new_recovery_codes_replace_the_old(
    lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    before = list(lina.recovery_codes)
    page = client_of(lina).post("/me/security/second-factor/recovery-codes", data={"current": PASSWORD})
    after = db.session.get_one(Account, lina.id).recovery_codes
    assert page.status_code == 200 and len(after) == 8 and before[0] not in after
