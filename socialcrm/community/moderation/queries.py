"""What screens and other rooms read of moderation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from ...customers.models import Customer
from ...database import db
from ..groups.models import Group
from ..topics.models import Post, Topic
from .models import ModerationEntry, Report, WordRule

ENTRIES_A_PAGE = 30


def word_rules() -> list[tuple[str, str]]:
    """(word, deed) of every rule in force."""
    rows = db.session.execute(select(WordRule.word, WordRule.deed).order_by(WordRule.id))
    return [(row.word, row.deed) for row in rows]


def word_rule_rows() -> list[WordRule]:
    """The rules as an admin edits them, newest first."""
    return list(db.session.scalars(select(WordRule).order_by(WordRule.id.desc()).limit(500)))


def log_page(group_id: int, *, before_id: int | None = None) -> list[Row[*tuple[Any, ...]]]:
    """The public log, newest first; no column of it says who acted."""
    query = (
        select(
            ModerationEntry.id,
            ModerationEntry.deed,
            ModerationEntry.reason,
            ModerationEntry.at,
            ModerationEntry.facts,
            ModerationEntry.topic_id,
            ModerationEntry.post_id,
            Topic.title,
            Topic.state.label("topic_state"),
        )
        .outerjoin(Topic, Topic.id == ModerationEntry.topic_id)
        .where(ModerationEntry.group_id == group_id)
    )
    if before_id is not None:
        query = query.where(ModerationEntry.id < before_id)
    return list(db.session.execute(query.order_by(ModerationEntry.id.desc()).limit(ENTRIES_A_PAGE + 1)))


def _reviewed() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Post.id,
            Post.html,
            Post.reason,
            Post.published_at,
            Post.number,
            Topic.id.label("topic_id"),
            Topic.title,
            Group.name.label("group_name"),
            Customer.display_name.label("author"),
            Customer.avatar,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Group, Group.id == Topic.group_id)
        .join(Customer, Customer.id == Post.author_id)
    )


@dataclass(frozen=True, slots=True)
class Reported:
    """A post with its open reports: (reason, what the reporter wrote, when)."""

    post: Row[*tuple[Any, ...]]
    reports: list[Row[*tuple[Any, ...]]]


def reported_posts(*, after_id: int = 0, limit: int = 20) -> list[Reported]:
    """Posts with open reports, the one whose first report waits longest first; `after_id` is that report's id."""
    first = db.func.min(Report.id)
    waiting = list(
        db.session.execute(
            select(Report.post_id, first.label("first_id"))
            .where(Report.state == "open")
            .group_by(Report.post_id)
            .having(first > after_id)
            .order_by(first)
            .limit(limit)
        )
    )
    ids = [row.post_id for row in waiting]
    posts = {row.id: row for row in db.session.execute(_reviewed().where(Post.id.in_(ids)))}
    reports: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.session.execute(
        select(Report.post_id, Report.reason, Report.text, Report.at)
        .where(Report.post_id.in_(ids), Report.state == "open")
        .order_by(Report.id)
    ):
        reports.setdefault(row.post_id, []).append(row)
    return [Reported(posts[post_id], reports[post_id]) for post_id in ids]


def held_posts(limit: int = 50) -> list[Row[*tuple[Any, ...]]]:
    """Posts a word rule keeps for a reviewer, the longest waiting first."""
    return list(db.session.execute(_reviewed().where(Post.state == "held").order_by(Post.id).limit(limit)))


def waiting_figures() -> dict[str, int]:
    """How many posts are reported and how many are held."""
    reported = db.session.scalar(
        select(db.func.count(db.distinct(Report.post_id))).where(Report.state == "open")
    )
    held = db.session.scalar(select(db.func.count()).select_from(Post).where(Post.state == "held"))
    return {"reported": reported or 0, "held": held or 0}
