"""Posts and conversations through the API: written for customers through the same doors, read with their opinion."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.database import transaction
from socialcrm.search.engines import current_engine
from tests.search.conftest import settle

from .conftest import Program

SAID = "等了三天还没发货，客服一直不理人，太失望了，包装倒是挺好看的。"


def test_a_post_is_written_for_a_member_and_read(
    program: Program, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    lina, outsider = cast["lina"], cast["chenjing"]
    with transaction():
        group = create_group("咖啡品鉴交流", kind="product")
        join_group(group.id, lina.customer_id, accepted_version=0)
    topic = {"customer_id": lina.customer_id, "group_id": group.id, "title": "发货", "text": SAID}
    post = program.ok("POST", "/posts", topic)
    assert (post["state"], post["channel"], post["opinion"]) == ("published", "api", None)
    drain()
    read = program.ok("GET", f"/posts/{post['id']}")
    assert (
        read["opinion"]["polarity"] == "negative"
        and read["opinion"]["aspects"]["配送"]["polarity"] == "negative"
    )
    reply = {"customer_id": lina.customer_id, "topic_id": post["topic_id"], "text": "还在等"}
    assert program.ok("POST", "/posts", reply)["number"] == 2
    assert [each["number"] for each in program.ok("GET", f"/posts?group_id={group.id}")["items"]] == [2, 1]
    refused = program.post("/posts", {**reply, "customer_id": outsider.customer_id})
    assert refused.status_code == 403
    nowhere = program.post("/posts", {"customer_id": lina.customer_id, "text": "x"})
    assert (nowhere.status_code, nowhere.json["title"]) == (422, "place_missing")  # type: ignore[index]
    assert program.ok("GET", "/groups")["items"][0]["name"] == "咖啡品鉴交流"


def test_a_channel_and_an_agent_talk(program: Program, cast: dict[str, Account]) -> None:
    lina = cast["lina"]
    message = {"customer_id": lina.customer_id, "channel": "wechat", "text": "在吗", "once": "wx-1"}
    first, second = (program.ok("POST", "/messages", message) for _ in range(2))
    assert first == second
    path = f"/conversations/{first['conversation_id']}"
    assert program.ok("GET", path)["waiting_since"] is not None
    answer = program.ok("POST", f"{path}/answers", {"agent_email": "agent@example.com", "text": "在的"})
    assert answer["account_id"] == cast["agent"].id
    assert [each["side"] for each in program.ok("GET", f"{path}/messages")["items"]] == ["customer", "agent"]
    for email in ("lina@example.com", "nobody@example.com"):
        refused = program.post(f"{path}/answers", {"agent_email": email, "text": "x"})
        assert (refused.status_code, refused.json["title"]) == (422, "agent_unknown")  # type: ignore[index]


def test_search_finds_customers_only_for_keys_that_read_them(
    app: Flask,
    program: Program,
    program_with: Callable[..., Program],
    cast: dict[str, Account],
    drain: Callable[[], int],
) -> None:
    drain()
    settle(current_engine())
    found = program.ok("GET", "/search?q=李娜")["items"]
    assert [(each["kind"], each["id"]) for each in found] == [("customer", cast["lina"].customer_id)]
    assert program_with("search:read").ok("GET", "/search?q=李娜")["items"] == []


def test_a_text_is_read_and_nothing_kept(program: Program) -> None:
    opinion = program.ok("POST", "/sentiment/analyse", {"text": SAID})
    assert (opinion["polarity"], opinion["aspects"]["包装"]["polarity"]) == ("negative", "positive")
    start, end = opinion["aspects"]["包装"]["spans"][0]
    assert 0 <= start < end <= len(SAID)
