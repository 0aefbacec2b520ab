"""The own profile, the avatar, the public card, language and theme."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import create_customer
from socialcrm.customers.models import Customer
from socialcrm.database import db, transaction
from socialcrm.storage import fetch

FIELDS = {
    "display_name": "李娜 ☕",
    "city": "杭州",
    "gender": "female",
    "birthday": "1990-05-06",
    "bio": "爱手冲",
}


def picture(side: int = 900) -> io.BytesIO:
    exif = Image.Exif()
    exif[0x010F] = "a camera that tells too much"
    out = io.BytesIO()
    Image.new("RGB", (side, side), "brown").save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


def test_the_profile_is_saved(cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]) -> None:
    client = client_of(cast["lina"])
    assert client.post("/me/profile", data=FIELDS).status_code == 302
    saved = db.session.get_one(Customer, cast["lina"].customer_id)
    assert (saved.display_name, saved.city, saved.birthday, saved.bio) == (
        "李娜 ☕",
        "杭州",
        date(1990, 5, 6),
        "爱手冲",
    )
    assert 'value="杭州"' in client.get("/me/profile").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"display_name": " "}, "写一个昵称"),
        ({"birthday": "2999-01-01"}, "生日不能在将来"),
        ({"birthday": "1800-01-01"}, "生日不能在将来"),
    ],
)
def test_a_bad_profile_keeps_what_was_typed(
    cast: dict[str, Account],
    client_of: Callable[[Account], FlaskClient],
    change: dict[str, str],
    sentence: str,
) -> None:
    page = client_of(cast["lina"]).post("/me/profile", data=FIELDS | change)
    assert page.status_code == 422 and sentence in page.text and 'value="杭州"' in page.text
    assert db.session.get_one(Customer, cast["lina"].customer_id).display_name == "李娜"


def test_an_avatar_is_made_small_and_loses_its_metadata(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    client = client_of(cast["lina"])
    client.post("/me/profile", data=FIELDS | {"avatar": (picture(), "me.jpg")})
    key = db.session.get_one(Customer, cast["lina"].customer_id).avatar
    assert key is not None
    content = fetch(key)
    assert content is not None and b"too much" not in content
    assert Image.open(io.BytesIO(content)).size == (512, 512)
    assert client.get(f"/files/{key}").status_code == 200
    client.post("/me/profile", data=FIELDS | {"no_avatar": "y"})
    assert db.session.get_one(Customer, cast["lina"].customer_id).avatar is None


def test_what_is_no_picture_is_refused(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    data = FIELDS | {"avatar": (io.BytesIO(b"<svg onload=alert(1)>"), "me.svg")}
    page = client_of(cast["lina"]).post("/me/profile", data=data)
    assert page.status_code == 422 and "不是能识别的图片" in page.text


def test_the_card_shows_a_member_but_no_birthday_or_address(
    app: Flask, cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient]
) -> None:
    client_of(cast["lina"]).post("/me/profile", data=FIELDS)
    path = f"/people/{cast['lina'].customer_id}"
    page = client.get(path).text
    assert "爱手冲" in page and "杭州" in page
    assert "1990" not in page and "lina@example.com" not in page and "看客户资料" not in page
    assert "看客户资料" in client_of(cast["agent"]).get(path).text


def test_only_members_have_a_card(client: FlaskClient, cast: dict[str, Account]) -> None:
    with transaction():
        imported = create_customer("只在商城", source="import").id
        db.session.get_one(Account, cast["chenjing"].id).active = False
    for customer_id in (imported, cast["chenjing"].customer_id, 10**9):
        assert client.get(f"/people/{customer_id}").status_code == 404


def test_language_and_theme_are_kept(
    cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient]
) -> None:
    member = client_of(cast["lina"])
    answer = member.post("/preferences", data={"language": "en", "theme": "dark", "next": "/me/profile"})
    assert answer.location == "/me/profile" and "theme=dark" in answer.headers["Set-Cookie"]
    account = db.session.get_one(Account, cast["lina"].id)
    assert (account.language, account.theme) == ("en", "dark")
    client.post("/preferences", data={"language": "en", "theme": "no such"})
    assert '<html lang="en"' in client.get("/sign-in").text
