"""Who hears of a post: named, answered, watching; not the writer, not who muted."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import (
    create_group,
    decide_request,
    invite,
    join_group,
    set_group_level,
)
from socialcrm.community.moderation.actions import decide_reports, hide_post, report_post
from socialcrm.community.topics.actions import set_topic_level
from socialcrm.customers.models import TimelineEntry
from socialcrm.database import db, transaction
from socialcrm.outbox.models import Message

from .conftest import Village


def notices(account: Account) -> list[str]:
    return list(
        db.session.scalars(
            select(Message.template)
            .where(Message.customer_id == account.customer_id, Message.channel == "notice")
            .order_by(Message.id)
        )
    )


def test_who_is_named_and_who_is_answered(village: Village, drain: Callable[[], int]) -> None:
    topic = village.topic()
    village.reply(topic, "水温多少？")
    village.reply(topic, "@王强 92 度", who="lina")
    drain()
    assert notices(village.cast["lina"]) == ["post_reply"]
    assert notices(village.cast["wangqiang"]) == ["post_mention"]
    assert notices(village.cast["chenjing"]) == []


def test_watching_and_muting(village: Village, drain: Callable[[], int]) -> None:
    lina, wangqiang = (village.cast[name].customer_id for name in ("lina", "wangqiang"))
    with transaction():
        set_group_level(village.group.id, wangqiang, "watching")
    topic = village.topic()
    drain()
    assert notices(village.cast["wangqiang"]) == ["post_watched"]
    with transaction():
        set_topic_level(wangqiang, topic.id, "muted")
        set_group_level(village.group.id, lina, "muted")
    village.reply(topic, "@王强 @李娜 看这里", who="agent")
    drain()
    assert notices(village.cast["wangqiang"]) == ["post_watched"]
    assert notices(village.cast["lina"]) == []


def test_a_notice_says_who_and_where(
    village: Village, drain: Callable[[], int], client_of: Callable[[Account], FlaskClient]
) -> None:
    topic = village.topic()
    reply = village.reply(topic, "试试 94 度")
    drain()
    page = client_of(village.cast["lina"]).get("/messages").text
    assert "王强 在「手冲总是发酸」里回复了你：试试 94 度" in page and f"/posts/{reply.id}" in page


def test_asking_inviting_and_being_let_in(village: Village, drain: Callable[[], int]) -> None:
    cast = village.cast
    with transaction():
        closed = create_group(
            "烘焙师", kind="knowledge", access="request", leader_id=cast["lina"].customer_id
        )
        join_group(closed.id, cast["chenjing"].customer_id, accepted_version=0)
        invite(closed.id, cast["wangqiang"].customer_id, inviter_id=cast["lina"].customer_id)
    drain()
    assert "group_asked" in notices(cast["lina"]) and notices(cast["wangqiang"])[-1] == "group_invited"
    with transaction():
        decide_request(closed.id, cast["chenjing"].customer_id, let_in=True)
    drain()
    assert notices(cast["chenjing"]) == ["group_let_in"]
    joined = db.session.scalars(
        select(TimelineEntry.kind).where(TimelineEntry.customer_id == cast["chenjing"].customer_id)
    )
    assert "joined_group" in list(joined)


def test_hiding_tells_the_writer_why_and_the_reporter_what_came_of_it(
    village: Village, drain: Callable[[], int], client_of: Callable[[Account], FlaskClient]
) -> None:
    cast = village.cast
    reply = village.reply(village.topic(), "加微信领豆子")
    with transaction():
        report_post(reply.id, cast["lina"].customer_id, reason="advertising")
        decide_reports(reply.id, cast["manager"].id, uphold=True, answer="群规第二条：不发广告")
    drain()
    assert notices(cast["wangqiang"]) == ["post_hidden"]
    assert notices(cast["lina"])[-1] == "report_decided"
    assert "群规第二条：不发广告" in client_of(cast["wangqiang"]).get("/messages").text
    assert "群规第二条：不发广告" in client_of(cast["lina"]).get("/messages").text
    with transaction():
        hide_post(reply.id, cast["manager"].id, reason="再次")
    drain()
    assert notices(cast["wangqiang"]) == ["post_hidden"], "hiding what is hidden tells nobody"
