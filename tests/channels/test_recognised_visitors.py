"""What somebody said as a guest is theirs once they sign in; the browser's cookie opens nothing any more."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.accounts.passwords import hash_password
from socialcrm.channels.actions import open_conversation, receive_message
from socialcrm.channels.models import Conversation
from socialcrm.customers.models import Customer, Identity
from socialcrm.customers.queries import timeline_of
from socialcrm.database import db, transaction
from socialcrm.sentiment.models import OpinionRow
from socialcrm.service.cases.models import Case

Cast = dict[str, Account]
Drain = Callable[[], int]
ANGRY = "等了三天还没发货,你们到底管不管?再不退款我就投诉!"
PASSWORD = "coffee and rain"


def sign_in(client: FlaskClient, account: Account) -> None:
    with transaction():
        account.password = hash_password(PASSWORD)
    answer = client.post("/sign-in", data={"login": account.email, "password": PASSWORD})
    assert answer.status_code == 302


def say(client: FlaskClient, text: str) -> None:
    client.post("/chat/messages", data={"text": text, "name": "小张", "once": text[:20]})


def test_a_guests_chat_its_case_and_its_history_follow(cast: Cast, client: FlaskClient, drain: Drain) -> None:
    say(client, ANGRY)
    drain()
    guest = db.session.scalars(select(Customer).where(Customer.source == "web_chat")).one()
    sign_in(client, cast["lina"])
    assert ANGRY in client.get("/chat").text
    drain()
    lina = cast["lina"].customer_id
    assert db.session.scalars(select(OpinionRow.customer_id)).all() == [lina]
    assert db.session.scalars(select(Case.customer_id)).all() == [lina]
    assert {"chatted", "case_opened"} & {line.kind for line in timeline_of(lina)}
    assert timeline_of(guest.id) == []
    assert "等了三天" in client.get("/me/matters").text


def test_after_signing_out_the_browser_reads_nothing(cast: Cast, client: FlaskClient) -> None:
    say(client, "豆子回甘吗")
    sign_in(client, cast["lina"])
    client.post("/sign-out")
    assert "豆子回甘吗" not in client.get("/chat").text
    assert db.session.scalars(select(Identity).where(Identity.kind == "visitor")).all() == []


def test_of_two_open_conversations_the_later_one_goes_on(cast: Cast, client: FlaskClient) -> None:
    with transaction():
        receive_message(open_conversation(cast["lina"].customer_id), "上周问的")
    say(client, "刚才问的")
    sign_in(client, cast["lina"])
    mine = db.session.scalars(
        select(Conversation).where(Conversation.customer_id == cast["lina"].customer_id)
    ).all()
    assert {one.excerpt: one.state for one in mine} == {"上周问的": "closed", "刚才问的": "open"}


def test_staff_who_try_the_chat_out_stay_who_they_are(cast: Cast, client: FlaskClient) -> None:
    say(client, "试一下")
    sign_in(client, cast["agent"])
    assert db.session.scalars(select(Identity).where(Identity.kind == "visitor")).all() != []
