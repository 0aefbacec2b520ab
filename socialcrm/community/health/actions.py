"""Keeping the days of groups true: each is derived again from posts and opinions whenever one of them changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import structlog
from sqlalchemy import and_, case, func, select

from ...database import db
from ...days import bounds, day_of, zone
from ...sentiment.queries import place_mood
from ..groups.models import Membership
from ..topics.models import Post, Topic
from .models import GroupDay
from .waiting import median_wait

log = structlog.get_logger()

#: How many past days the nightly job derives again.
NIGHTLY_DAYS = 35


def refresh_days(days: Iterable[tuple[int, date]]) -> int:
    """Derive the given (group id, day) again; returns how many rows were not as they should have been."""
    return sum(_refresh(group_id, day) for group_id, day in sorted(set(days)))


def _refresh(group_id: int, day: date) -> bool:
    figures = derive(group_id, day)
    row = db.session.get(GroupDay, (group_id, day))
    if row is None and not any(figures.values()):
        return False
    if row is None:
        row = GroupDay(group_id=group_id, day=day)
        db.session.add(row)
    changed = any(getattr(row, name) != value for name, value in figures.items())
    for name, value in figures.items():
        setattr(row, name, value)
    db.session.flush()
    return changed


def derive(group_id: int, day: date) -> dict[str, Any]:
    """The figures of a group's day from its posts, members and opinions."""
    begin, end = bounds(day, zone())
    written = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((Post.number == 1, 1), else_=0)), 0),
            func.count(Post.author_id.distinct()),
        )
        .select_from(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .where(
            Topic.group_id == group_id,
            Post.state == "published",
            Post.published_at >= begin,
            Post.published_at < end,
        )
    ).one()
    joined = db.session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.group_id == group_id,
            Membership.state == "active",
            Membership.joined_at >= begin,
            Membership.joined_at < end,
        )
    )
    reply_seconds, unanswered = median_wait(_first_answers(group_id, day))
    scored, negative, _positive, mood = place_mood("group", group_id, begin, end)
    return {
        "posts": written[0],
        "topics": int(written[1]),
        "active": written[2],
        "joined": joined or 0,
        "unanswered": unanswered,
        "reply_seconds": reply_seconds,
        "scored": scored,
        "negative": int(negative),
        "mood": None if mood is None else round(float(mood), 6),
    }


def _first_answers(group_id: int, day: date) -> list[Any]:
    """(opened_at, first answer by somebody else or None) of the topics opened on the day."""
    begin, end = bounds(day, zone())
    answer = and_(
        Post.topic_id == Topic.id,
        Post.state == "published",
        Post.author_id != Topic.author_id,
        Post.number > 1,
    )
    return list(
        db.session.execute(
            select(Topic.opened_at, func.min(Post.published_at))
            .outerjoin(Post, answer)
            .where(
                Topic.group_id == group_id,
                Topic.state == "published",
                Topic.opened_at >= begin,
                Topic.opened_at < end,
            )
            .group_by(Topic.id, Topic.opened_at)
        )
    )


def days_of_posts(post_ids: Iterable[int]) -> set[tuple[int, date]]:
    """The (group id, day) that posts touch: the day they were published, and the day their topic was opened."""
    rows = db.session.execute(
        select(Topic.group_id, Post.published_at, Topic.opened_at)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.id.in_(list(post_ids)))
    )
    place = zone()
    return {
        (row.group_id, day_of(moment, place)) for row in rows for moment in (row.published_at, row.opened_at)
    }


def days_of_joining(group_id: int, customer_id: int) -> set[tuple[int, date]]:
    """The (group id, day) on which somebody joined."""
    row = db.session.get(Membership, (group_id, customer_id))
    return {(group_id, day_of(row.joined_at, zone()))} if row else set()
