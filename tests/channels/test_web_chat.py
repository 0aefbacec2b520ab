"""The web chat: members and guests, each turn stored once, announced and read; nobody else's conversation opens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.channels.access import _room_door
from socialcrm.channels.actions import (
    close_conversation,
    open_conversation,
    receive_message,
    reopen_conversation,
    send_message,
    take_conversation,
)
from socialcrm.channels.models import Conversation, Message
from socialcrm.channels.queries import unread_of_customer
from socialcrm.customers.models import Customer, Identity
from socialcrm.database import db, transaction
from socialcrm.errors import Conflict, Invalid
from socialcrm.sentiment.queries import opinion_of
from socialcrm.service.alerts.actions import alert_on
from socialcrm.service.cases.models import Case

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]
ANGRY = "等了三天还没发货,你们到底管不管?再不退款我就投诉!"


def _messages() -> int:
    return db.session.scalar(select(func.count(Message.id))) or 0


def test_a_member_writes_and_a_retry_is_stored_once(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast["lina"])
    assert client.get("/chat").status_code == 200
    for _ in range(2):
        answer = client.post("/chat/messages", data={"text": "豆子什么时候到?", "once": "k1"})
        assert answer.status_code == 303
    assert _messages() == 1
    assert "豆子什么时候到?" in client.get("/chat").text


def test_a_guest_becomes_a_visitor_with_the_first_message(client: FlaskClient) -> None:
    assert client.get("/chat").status_code == 200
    assert db.session.scalar(select(func.count(Customer.id))) == 0
    client.post("/chat/messages", data={"text": "你好", "name": "小张", "once": "k1"})
    client.post("/chat/messages", data={"text": "在吗", "once": "k2"})
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.display_name, customer.source) == ("小张", "web_chat")
    assert db.session.scalars(select(Identity.kind)).all() == ["visitor"]
    assert _messages() == 2


def test_an_empty_message_is_refused_and_nothing_is_made(client: FlaskClient) -> None:
    assert client.post("/chat/messages", data={"text": "  ", "once": "k"}).status_code == 422
    assert client.post("/chat/messages", data={"text": "长" * 4001, "once": "k"}).status_code == 422
    assert db.session.scalar(select(func.count(Customer.id))) == 0


def test_the_first_message_brings_the_panel_and_later_ones_only_the_turns(
    cast: Cast, client_of: ClientOf
) -> None:
    client, headers = client_of(cast["lina"]), {"HX-Request": "true"}
    first = client.post("/chat/messages", data={"text": "一", "once": "1"}, headers=headers)
    assert first.headers["HX-Retarget"] == "#chat" and 'data-live-room="conversation:' in first.text
    second = client.post("/chat/messages", data={"text": "二", "once": "2"}, headers=headers)
    assert "HX-Retarget" not in second.headers and 'id="chat-once"' in second.text


@pytest.mark.parametrize(
    ("who", "status"), [("lina", 200), ("wangqiang", 404), ("agent", 404), ("manager", 404), (None, 404)]
)
def test_who_reads_the_customers_side(
    cast: Cast, client_of: ClientOf, client: FlaskClient, who: str | None, status: int
) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        receive_message(conversation, "只给客服看的话")
    browser = client_of(cast[who]) if who else client
    assert browser.get(f"/chat/{conversation.id}/messages").status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("agent", 200), ("lead", 200), ("manager", 403), ("wangqiang", 403)]
)
def test_who_reads_the_inbox(cast: Cast, client_of: ClientOf, who: str, status: int) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
    assert client_of(cast[who]).get(f"/desk/inbox/{conversation.id}").status_code == status


def test_who_joins_the_room(cast: Cast, client: FlaskClient, app) -> None:  # type: ignore[no-untyped-def]
    client.post("/chat/messages", data={"text": "你好", "once": "k"})
    visitor = db.session.scalars(select(Conversation)).one()
    cookie = client.get_cookie("visitor")
    assert cookie is not None
    with app.test_request_context(headers={"Cookie": f"visitor={cookie.value}"}):
        assert _room_door(None, visitor.id)
    with app.test_request_context(headers={"Cookie": f"visitor={cookie.value}x"}):
        assert not _room_door(None, visitor.id)
    with app.test_request_context():
        assert _room_door(cast["agent"], visitor.id)
        assert not _room_door(cast["lina"], visitor.id)
        assert not _room_door(None, visitor.id)
        assert not _room_door(cast["agent"], visitor.id + 1)


def test_an_angry_turn_raises_an_alert_and_a_case_in_this_conversation(
    cast: Cast, drain: Callable[[], int]
) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        calm = receive_message(conversation, "你好,请问几点发货")
        angry = receive_message(conversation, ANGRY)
    drain()
    assert opinion_of("message", calm.id) is not None
    assert alert_on("message", calm.id) is None
    alert = alert_on("message", angry.id)
    assert alert is not None and alert.case_id is not None
    assert db.session.get_one(Case, alert.case_id).conversation_id == conversation.id


def test_unread_marks_on_both_sides(cast: Cast, client_of: ClientOf) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        receive_message(conversation, "在吗")
    assert conversation.staff_unread == 1
    client_of(cast["agent"]).get(f"/desk/inbox/{conversation.id}")
    db.session.refresh(conversation)
    assert conversation.staff_unread == 0
    with transaction():
        send_message(conversation, "在的", acting=cast["agent"])
    assert unread_of_customer(cast["lina"].customer_id) == 1
    client = client_of(cast["lina"])
    assert "1" in client.get("/chat/unread").text
    client.get("/chat")
    assert unread_of_customer(cast["lina"].customer_id) == 0


def test_who_answers_takes_it_and_a_closed_one_refuses(cast: Cast) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        receive_message(conversation, "在吗")
        send_message(conversation, "在的", acting=cast["agent"])
    assert conversation.assignee_id == cast["agent"].id and conversation.waiting_since is None
    with pytest.raises(Invalid), transaction():
        take_conversation(conversation, assignee=cast["manager"])
    with transaction():
        close_conversation(conversation)
    with pytest.raises(Conflict), transaction():
        receive_message(conversation, "还有一个问题")
    with transaction():
        fresh = open_conversation(cast["lina"].customer_id)
        assert fresh.id != conversation.id
        assert reopen_conversation(conversation).id == fresh.id


def test_an_agent_answers_from_the_inbox_once(cast: Cast, client_of: ClientOf) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        receive_message(conversation, "在吗")
    client = client_of(cast["agent"])
    path = f"/desk/inbox/{conversation.id}/messages"
    for _ in range(2):
        answer = client.post(
            path, data={"text": "在的", "where": "private", "once": "a"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200 and answer.text.count("在的") == 1
    refused = client.post(path, data={"text": "", "where": "private", "once": "b"})
    assert refused.status_code == 422 and refused.headers["HX-Reselect"] == "#opened"
    assert _messages() == 2
