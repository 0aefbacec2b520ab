"""Many texts at once: each once, in the bulk lane, with the events of any post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.community.groups.actions import join_group
from socialcrm.community.topics.imports import ImportedPost, Taken, import_posts, title_from
from socialcrm.community.topics.models import Post, Topic
from socialcrm.community.topics.queries import mentioned_in
from socialcrm.database import db, transaction
from socialcrm.events import BULK, EventRow, ReactionRun, bulk_work
from socialcrm.outbox.models import Message

from ..factories import make_account
from .conftest import Village

AT = datetime(2025, 3, 1, tzinfo=UTC)


def rows(village: Village, number: int) -> list[ImportedPost]:
    lina = village.cast["lina"].customer_id
    return [
        ImportedPost(f"hotel.tsv:{n}", lina, village.group.id, f"第{n}条。房间很干净", at=AT)
        for n in range(number)
    ]


def take_in(found: list[ImportedPost]) -> list[Taken]:
    with transaction(), bulk_work():
        return import_posts(found)


def test_rows_become_posts_once(village: Village) -> None:
    for _ in range(2):
        taken = take_in(rows(village, 25))
    assert len(taken) == 25 and all(each.known for each in taken)
    assert db.session.scalar(select(db.func.count()).select_from(Post)) == 25
    post = db.session.scalars(select(Post).where(Post.once == "import:hotel.tsv:3")).one()
    assert (post.channel, post.published_at) == ("import", AT)
    assert db.session.get_one(Topic, post.topic_id).title == "第3条。房间很干净"


def test_a_later_row_answers_an_earlier_one(village: Village) -> None:
    lina = village.cast["lina"].customer_id
    pair = [
        ImportedPost("a:1", lina, village.group.id, "开头", title="水温"),
        ImportedPost("a:2", lina, village.group.id, "回答", topic_source="a:1"),
    ]
    first, second = take_in(pair)
    assert first.topic_id == second.topic_id
    topic = db.session.get_one(Topic, first.topic_id)
    assert (topic.title, topic.replies, topic.last_post_id) == ("水温", 1, second.post_id)


def test_who_is_named_is_found_as_in_single_posts_and_asked_for_all_rows_together(
    village: Village, count_queries: Callable[[], object]
) -> None:
    topic = village.topic()
    elder, younger = (make_account("小李") for _ in range(2))
    with transaction():
        for account in (elder, younger):
            join_group(village.group.id, account.customer_id, accepted_version=1)
    outsider = village.cast["chenjing"].customer_id
    texts = [
        "@小李 在吗",
        f"问问@小李#{younger.customer_id}，谢谢",
        "@王强@陈静",
        f"@陈静#{outsider} @小",
        "没有人",
    ]
    alone = [village.reply(topic, text) for text in texts]
    lina = village.cast["lina"].customer_id

    def replies(name: str, times: int) -> list[ImportedPost]:
        return [
            ImportedPost(f"{name}:{n}", lina, village.group.id, text, topic_id=topic.id)
            for n, text in enumerate(texts * times)
        ]

    asked = []
    for name, times in (("a.tsv", 1), ("b.tsv", 8)):
        with count_queries() as statements:  # type: ignore[attr-defined]
            taken = take_in(replies(name, times))
        asked.append(len([one for one in statements if one.startswith("SELECT")]))
        db.session.rollback()
        together = [db.session.get_one(Post, one.post_id) for one in taken[-5:]]
        assert [post.html for post in together] == [post.html for post in alone]
        assert [mentioned_in(post.id) for post in together] == [
            [elder.customer_id],
            [younger.customer_id],
            [village.cast["wangqiang"].customer_id],
            [],
            [],
        ]
    assert asked[0] == asked[1]


def test_imports_wait_behind_everything_and_tell_nobody(village: Village, drain: Callable[[], int]) -> None:
    drain()
    take_in(rows(village, 3))
    names = list(db.session.scalars(select(EventRow.name).order_by(EventRow.id.desc()).limit(6)))
    assert sorted(names) == ["PostPublished"] * 3 + ["TopicOpened"] * 3
    lanes = set(db.session.scalars(select(ReactionRun.lane).where(ReactionRun.state == "pending")))
    assert lanes == {BULK}
    before = db.session.scalar(select(db.func.count()).select_from(Message))
    drain()
    assert db.session.scalar(select(db.func.count()).select_from(Message)) == before


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("房间很干净", "房间很干净"),
        ("房间很干净。早餐一般，前台的态度也不错。", "房间很干净"),
        ("怎么开发票？在线等", "怎么开发票？"),
        ("好" * 60, "好" * 39 + "…"),
        ("**房间**很干净", "房间很干净"),
    ],
)
def test_a_title_is_the_texts_beginning(app: Flask, text: str, title: str) -> None:
    assert title_from(text) == title
