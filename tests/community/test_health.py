"""A group's day follows what is written in it, and the manager's pages show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from socialcrm.accounts.models import Account
from socialcrm.community.health.jobs import rederive_days
from socialcrm.community.health.models import GroupDay
from socialcrm.community.health.waiting import median_wait
from socialcrm.community.moderation.actions import hide_post
from socialcrm.community.topics.models import Topic
from socialcrm.database import db, transaction, utcnow
from socialcrm.days import bounds, day_of, today

from .conftest import Village

NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)


def test_a_day_is_the_brands_day() -> None:
    late = datetime(2026, 5, 1, 15, 59, tzinfo=UTC)
    assert day_of(late, ZoneInfo("Asia/Shanghai")) == date(2026, 5, 1)
    assert day_of(late + timedelta(minutes=1), ZoneInfo("Asia/Shanghai")) == date(2026, 5, 2)
    begin, end = bounds(date(2026, 5, 1), ZoneInfo("Asia/Shanghai"))
    assert (begin.hour, end - begin) == (16, timedelta(days=1))


def test_a_day_with_a_change_of_clocks_has_23_hours() -> None:
    begin, end = bounds(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert end - begin == timedelta(hours=23)


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([], (None, 0)),
        ([None], (None, 1)),
        ([10], (10, 0)),
        ([10, 20, None], (15, 1)),
        ([5, 100, 7], (7, 0)),
        ([-3], (0, 0)),
    ],
)
def test_median_of_the_answered_ones(waits: list[int | None], expected: tuple[int | None, int]) -> None:
    pairs = [(NOON, None if wait is None else NOON + timedelta(seconds=wait)) for wait in waits]
    assert median_wait(pairs) == expected


def row(village: Village) -> GroupDay:
    db.session.expire_all()
    return db.session.get_one(GroupDay, (village.group.id, today()))


def test_figures_follow_what_is_written(village: Village, drain: Callable[[], int]) -> None:
    topic = village.topic("快递", "包装很漂亮，味道很好，非常满意！")
    village.reply(topic, "太失望了，等了三天还没发货，客服不理人。")
    village.reply(topic, "自己顶一下", who="lina")
    village.topic("没人回", "有人吗")
    drain()
    day = row(village)
    assert (day.posts, day.topics, day.active, day.unanswered, day.joined) == (4, 2, 2, 1, 2)
    assert day.reply_seconds is not None and 0 <= day.reply_seconds < 60
    assert day.scored == 4 and day.negative >= 1 and day.mood is not None and 0 < day.mood < 1


def test_a_hidden_reply_no_longer_counts(village: Village, drain: Callable[[], int]) -> None:
    topic = village.topic()
    reply = village.reply(topic, "广告")
    drain()
    with transaction():
        hide_post(reply.id, village.cast["manager"].id, reason="广告")
    drain()
    assert (row(village).posts, row(village).unanswered) == (1, 1)


def test_the_nightly_job_puts_right_what_drifted(village: Village, drain: Callable[[], int]) -> None:
    village.topic()
    drain()
    with transaction():
        db.session.execute(update(GroupDay).values(posts=99))
    assert rederive_days() >= 1
    assert row(village).posts == 1
    assert rederive_days() == 0


def test_the_day_says_what_needs_the_manager(
    village: Village, client_of: Callable[[Account], FlaskClient], drain: Callable[[], int]
) -> None:
    topic = village.topic("没人回的问题")
    with transaction():
        db.session.execute(
            update(Topic).where(Topic.id == topic.id).values(opened_at=utcnow() - timedelta(hours=5))
        )
    drain()
    manager = client_of(village.cast["manager"])
    page = manager.get("/manage")
    assert page.status_code == 200 and "没人回的问题" in page.text and "咖啡品鉴交流" in page.text
    figures = manager.get(f"/manage/groups/{village.group.id}")
    assert figures.status_code == 200 and "最近三十天" in figures.text
    assert manager.get("/manage/groups").status_code == 200
