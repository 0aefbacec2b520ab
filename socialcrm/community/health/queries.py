"""What the manager's pages read of groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from ...customers.models import Customer
from ...database import db, utcnow
from ...days import today
from ..groups.models import Group, Membership
from ..topics.models import Topic
from .models import GroupDay

#: A topic without an answer for so long waits for a manager.
PATIENCE = timedelta(hours=4)
LOOKS_BACK = timedelta(days=14)
GROUPS_A_PAGE = 50
DAYS_SHOWN = 30
USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """A group's day beside its usual one (the mean of the seven days before)."""

    id: int
    name: str
    members: int
    today: Row[*tuple[Any, ...]] | None
    usual_posts: float
    usual_active: float
    usual_mood: float | None


def _days_since(first: date) -> Any:
    return (
        select(
            GroupDay.group_id,
            GroupDay.day,
            GroupDay.posts,
            GroupDay.topics,
            GroupDay.active,
            GroupDay.joined,
            GroupDay.unanswered,
            GroupDay.reply_seconds,
            GroupDay.scored,
            GroupDay.negative,
            GroupDay.mood,
        )
        .where(GroupDay.day >= first)
        .order_by(GroupDay.day)
    )


def groups_today(after_id: int = 0) -> list[GroupHealth]:
    """Every group with its day, in two queries; by id, a page at a time."""
    groups = list(
        db.session.execute(
            select(Group.id, Group.name, Group.members)
            .where(Group.id > after_id)
            .order_by(Group.id)
            .limit(GROUPS_A_PAGE)
        )
    )
    day = today()
    first = day - timedelta(days=USUAL_DAYS)
    days: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.session.execute(
        _days_since(first).where(GroupDay.group_id.in_([group.id for group in groups]))
    ):
        days.setdefault(row.group_id, []).append(row)
    return [_health(group, days.get(group.id, []), day) for group in groups]


def _health(group: Row[*tuple[Any, ...]], days: list[Row[*tuple[Any, ...]]], day: date) -> GroupHealth:
    before = [row for row in days if row.day < day]
    scored = sum(row.scored for row in before)
    mood = sum(row.mood * row.scored for row in before if row.mood is not None) / scored if scored else None
    return GroupHealth(
        id=group.id,
        name=group.name,
        members=group.members,
        today=next((row for row in days if row.day == day), None),
        usual_posts=sum(row.posts for row in before) / USUAL_DAYS,
        usual_active=sum(row.active for row in before) / USUAL_DAYS,
        usual_mood=mood,
    )


def days_of(group_id: int) -> list[Row[*tuple[Any, ...]]]:
    """The last thirty days of a group that have figures, oldest first."""
    first = today() - timedelta(days=DAYS_SHOWN - 1)
    return list(db.session.execute(_days_since(first).where(GroupDay.group_id == group_id)))


def unanswered_topics(limit: int = 8, group_id: int | None = None) -> list[Row[*tuple[Any, ...]]]:
    """Open topics of the last two weeks that nobody has answered for four hours, the longest waiting first."""
    now = utcnow()
    query = (
        select(
            Topic.id,
            Topic.title,
            Topic.opened_at,
            Group.name.label("group_name"),
            Customer.display_name.label("author"),
            Customer.avatar,
        )
        .join(Group, Group.id == Topic.group_id)
        .join(Customer, Customer.id == Topic.author_id)
        .where(*_waiting(now))
    )
    if group_id is not None:
        query = query.where(Topic.group_id == group_id)
    return list(db.session.execute(query.order_by(Topic.opened_at, Topic.id).limit(limit)))


def _waiting(now: datetime) -> tuple[Any, ...]:
    return (
        Topic.state == "published",
        Topic.closed.is_(False),
        Topic.replies == 0,
        Topic.opened_at < now - PATIENCE,
        Topic.opened_at >= now - LOOKS_BACK,
    )


def unanswered_number() -> int:
    """How many topics wait so."""
    return db.session.scalar(select(func.count()).select_from(Topic).where(*_waiting(utcnow()))) or 0


def requests_waiting() -> list[Row[*tuple[Any, ...]]]:
    """Groups with people who ask to be let in, and how many."""
    return list(
        db.session.execute(
            select(Group.id, Group.name, func.count().label("number"))
            .join(Membership, Membership.group_id == Group.id)
            .where(Membership.state == "requested")
            .group_by(Group.id, Group.name)
            .order_by(func.count().desc(), Group.id)
            .limit(20)
        )
    )
