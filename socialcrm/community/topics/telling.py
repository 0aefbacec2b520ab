"""Whom a new post concerns, and why. The notification centre is filled by flow.py from here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, or_, select

from ...database import db, utcnow
from ..groups.models import Group, Membership
from .models import Mention, Post, Topic, TopicState

#: Nobody is told of what was written long ago (an import, a restored backlog).
STALE = timedelta(days=3)


def news_among(post_ids: Iterable[int]) -> list[int]:
    """Those of the posts that anybody may have to be told of: published, lately, not taken in from a file."""
    return list(
        db.session.scalars(
            select(Post.id)
            .where(
                Post.id.in_(list(post_ids)),
                Post.state == "published",
                Post.channel != "import",
                Post.published_at >= utcnow() - STALE,
            )
            .order_by(Post.id)
        )
    )


def people_to_tell(post_id: int) -> dict[int, str]:
    """Customer id → `mention`, `reply` or `watched`, one reason each, the strongest first.

    Left out: the writer, who muted the topic or its group, and who can no longer read it.
    """
    row = db.session.execute(
        select(
            Post.author_id,
            Post.number,
            Post.reply_to_id,
            Post.state,
            Post.channel,
            Post.published_at,
            Post.topic_id,
            Topic.author_id.label("opener_id"),
            Topic.group_id,
            Group.access,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Group, Group.id == Topic.group_id)
        .where(Post.id == post_id)
    ).one()
    if row.state != "published" or row.channel == "import" or row.published_at < utcnow() - STALE:
        return {}
    reasons: dict[int, str] = {}
    for customer_id in db.session.scalars(select(Mention.customer_id).where(Mention.post_id == post_id)):
        reasons.setdefault(customer_id, "mention")
    if row.number > 1:
        reasons.setdefault(_answered(row.reply_to_id) or row.opener_id, "reply")
    for customer_id in _watchers(row.topic_id, row.group_id):
        reasons.setdefault(customer_id, "watched")
    reasons.pop(row.author_id, None)
    return _without_muted(reasons, row.topic_id, row.group_id, row.access == "public")


def _answered(post_id: int | None) -> int | None:
    return db.session.scalar(select(Post.author_id).where(Post.id == post_id)) if post_id else None


def _watchers(topic_id: int, group_id: int) -> list[int]:
    """Members who watch the topic, or the group without having chosen otherwise for the topic."""
    return list(
        db.session.scalars(
            select(Membership.customer_id)
            .outerjoin(
                TopicState,
                and_(TopicState.customer_id == Membership.customer_id, TopicState.topic_id == topic_id),
            )
            .where(
                Membership.group_id == group_id,
                Membership.state == "active",
                or_(
                    TopicState.level == "watching",
                    and_(TopicState.level.is_(None), Membership.level == "watching"),
                ),
            )
            .order_by(Membership.customer_id)
            .limit(5000)
        )
    )


def _without_muted(reasons: dict[int, str], topic_id: int, group_id: int, public: bool) -> dict[int, str]:
    ids = list(reasons)
    levels = {
        row.customer_id: row.level
        for row in db.session.execute(
            select(TopicState.customer_id, TopicState.level).where(
                TopicState.topic_id == topic_id, TopicState.customer_id.in_(ids)
            )
        )
    }
    members = {
        row.customer_id: row.level
        for row in db.session.execute(
            select(Membership.customer_id, Membership.level).where(
                Membership.group_id == group_id,
                Membership.state == "active",
                Membership.customer_id.in_(ids),
            )
        )
    }
    return {
        customer_id: reason
        for customer_id, reason in reasons.items()
        if (public or customer_id in members)
        and (levels.get(customer_id) or members.get(customer_id)) != "muted"
    }
