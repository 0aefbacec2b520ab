"""The search page and the staff palette, by every kind of person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.groups.models import Group, Membership
from socialcrm.community.topics.actions import open_topic
from socialcrm.database import db, transaction
from socialcrm.search.engines import current_engine
from socialcrm.service.cases.actions import open_case
from tests.search.conftest import settle

ClientOf = Callable[[Account], FlaskClient]


@dataclass
class Place:
    """Two groups: an open one and one entered by invitation, 李娜 in both, each with a topic on 漏水."""

    open: Group
    closed: Group


@pytest.fixture
def place(cast: dict[str, Account], drain: Callable[[], int]) -> Place:
    lina = cast["lina"]
    with transaction():
        made = Place(
            create_group("咖啡品鉴交流", kind="product"),
            create_group("铂金漏水沙龙", kind="product", access="invitation", leader_id=lina.customer_id),
        )
        join_group(made.open.id, lina.customer_id, accepted_version=0)
        open_topic(lina.customer_id, made.open.id, "手冲壶漏水", "<b>壶嘴</b>漏水了", acting=lina.id)
        open_topic(lina.customer_id, made.closed.id, "机器漏水", "沙龙的机器漏水", acting=lina.id)
        open_case(lina.customer_id, "咖啡机漏水投诉", source="form", channel="form", text="漏水")
    drain()
    settle(current_engine())
    return made


def kinds_on(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('data-kind="')[1:]]


def palette_of(client: FlaskClient, text: str) -> list[dict[str, str]]:
    answer = client.get("/desk/find", query_string={"q": text})
    assert answer.status_code == 200
    return answer.get_json()


def test_a_guest_finds_open_talk_with_marks_and_its_group(place: Place, client: FlaskClient) -> None:
    page = client.get("/search?q=漏水").text
    assert kinds_on(page) == ["topic"]
    assert "手冲壶<mark>漏水</mark>" in page
    assert "咖啡品鉴交流" in page
    assert "沙龙" not in page


def test_a_member_finds_talk_in_own_closed_group(
    place: Place, cast: dict[str, Account], client_of: ClientOf
) -> None:
    inside = client_of(cast["lina"]).get("/search?q=漏水").text
    outside = client_of(cast["chenjing"]).get("/search?q=漏水").text
    assert sorted(kinds_on(inside)) == ["group", "topic", "topic"]
    assert kinds_on(outside) == ["topic"]


def test_leaving_a_closed_group_ends_finding_its_talk_at_once(
    place: Place, cast: dict[str, Account], client_of: ClientOf
) -> None:
    with transaction():
        db.session.get_one(Membership, (place.closed.id, cast["lina"].customer_id)).state = "left"
    assert kinds_on(client_of(cast["lina"]).get("/search?q=漏水").text) == ["topic"]


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("agent", ["case", "group", "topic", "topic"]),
        ("lead", ["case", "group", "topic", "topic"]),
        ("admin", ["case", "group", "topic", "topic"]),
        ("manager", ["group", "topic", "topic"]),
    ],
)
def test_staff_find_every_group_and_service_staff_cases(
    place: Place, cast: dict[str, Account], client_of: ClientOf, who: str, kinds: list[str]
) -> None:
    client = client_of(cast[who])
    assert sorted(kinds_on(client.get("/search?q=漏水").text)) == kinds
    assert sorted(entry["kind"] for entry in palette_of(client, "漏水")) == kinds


def test_a_tab_narrows_and_a_foreign_kind_is_ignored(
    place: Place, cast: dict[str, Account], client_of: ClientOf, client: FlaskClient
) -> None:
    assert kinds_on(client_of(cast["agent"]).get("/search?q=漏水&kind=case").text) == ["case"]
    assert kinds_on(client.get("/search?q=漏水&kind=case").text) == ["topic"]


def test_the_palette_finds_a_customer_by_initials(
    place: Place, cast: dict[str, Account], client_of: ClientOf
) -> None:
    entries = palette_of(client_of(cast["agent"]), "wq")
    assert [(entry["text"], entry["url"]) for entry in entries] == [
        ("王强", f"/desk/customers/{cast['wangqiang'].customer_id}")
    ]


def test_the_palette_is_for_staff_only(place: Place, cast: dict[str, Account], client_of: ClientOf) -> None:
    assert client_of(cast["lina"]).get("/desk/find?q=x").status_code == 403


def test_nothing_asked_and_nothing_found_say_what_to_do(place: Place, client: FlaskClient) -> None:
    assert "想找什么" in client.get("/search").text
    assert "没有找到「茶壶」" in client.get("/search?q=茶壶").text


def test_what_was_typed_is_shown_as_text(place: Place, client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": "<script>漏水"}).text
    assert "<script>漏水" not in page


def test_a_bad_cursor_is_refused(place: Place, client: FlaskClient) -> None:
    assert client.get("/search?q=漏水&after=x").status_code == 422


def test_more_results_come_as_a_list(
    app: Flask, place: Place, cast: dict[str, Account], client: FlaskClient, drain: Callable[[], int]
) -> None:
    lina = cast["lina"]
    with transaction():
        for number in range(25):
            open_topic(lina.customer_id, place.open.id, f"除垢第 {number} 天", "除垢", acting=lina.id)
    drain()
    settle(current_engine())
    first = client.get("/search?q=除垢").text
    assert len(kinds_on(first)) == 20
    link = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    rest = client.get(link, headers={"HX-Request": "true"}).text
    assert len(kinds_on(rest)) == 5
    assert "<html" not in rest
