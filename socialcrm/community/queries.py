"""What other areas ask of the community."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from ..database import db
from ..errors import NotFound
from .groups.models import Group, Membership
from .topics.models import Post, Topic
from .topics.queries import mentioned_in as mentioned_in
from .topics.rendering import excerpt


@dataclass(frozen=True)
class PostFacts:
    """A post as alerts, cases, timelines and notices show it."""

    post_id: int
    topic_id: int
    topic_title: str
    group_id: int
    group_name: str
    #: Customer id of who wrote it.
    author_id: int
    #: 1 for a topic's first text.
    number: int
    text: str
    excerpt: str
    #: Path of the page that shows it.
    url: str
    at: datetime
    #: community, import or api.
    channel: str
    #: published, held, hidden or deleted.
    state: str
    #: Why it is hidden or held.
    reason: str | None
    version: int

    @property
    def topic_url(self) -> str:
        """Path of the topic."""
        return f"/topics/{self.topic_id}"


def post_facts(post_id: int) -> PostFacts:
    """A post with its topic and group; NotFound when there is none."""
    facts = facts_of_posts([post_id])
    if post_id not in facts:
        raise NotFound
    return facts[post_id]


def facts_of_posts(post_ids: Iterable[int]) -> dict[int, PostFacts]:
    """Post id → facts, in one query."""
    rows = db.session.execute(
        select(
            Post.id,
            Post.topic_id,
            Topic.title,
            Topic.group_id,
            Group.name,
            Post.author_id,
            Post.number,
            Post.text,
            Post.html,
            Post.published_at,
            Post.channel,
            Post.state,
            Post.reason,
            Post.version,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Group, Group.id == Topic.group_id)
        .where(Post.id.in_(list(post_ids)))
    )
    return {row.id: _facts(row) for row in rows}


def _facts(row: Row[*tuple[Any, ...]]) -> PostFacts:
    return PostFacts(
        post_id=row.id,
        topic_id=row.topic_id,
        topic_title=row.title,
        group_id=row.group_id,
        group_name=row.name,
        author_id=row.author_id,
        number=row.number,
        text=row.text,
        excerpt=excerpt(row.html),
        url=f"/posts/{row.id}",
        at=row.published_at,
        channel=row.channel,
        state=row.state,
        reason=row.reason,
        version=row.version,
    )


def groups_of(customer_id: int) -> list[Row[*tuple[Any, ...]]]:
    """The groups a customer is in: id, name, kind, role, joined_at; the latest joined first."""
    return list(
        db.session.execute(
            select(Group.id, Group.name, Group.kind, Membership.role, Membership.joined_at)
            .join(Membership, Membership.group_id == Group.id)
            .where(Membership.customer_id == customer_id, Membership.state == "active")
            .order_by(Membership.joined_at.desc(), Group.id)
            .limit(100)
        )
    )


@dataclass(frozen=True)
class JoinedFacts:
    """A group's name and when somebody joined it."""

    name: str
    joined_at: datetime


def joined_facts(group_id: int, customer_id: int) -> JoinedFacts:
    """For the timeline of who joined."""
    row = db.session.execute(
        select(Group.name, Membership.joined_at)
        .join(Membership, Membership.group_id == Group.id)
        .where(Group.id == group_id, Membership.customer_id == customer_id)
    ).one()
    return JoinedFacts(row.name, row.joined_at)


def names_of_groups(group_ids: Iterable[int]) -> dict[int, str]:
    """Group id → name, in one query; groups that are gone are absent."""
    rows = db.session.execute(select(Group.id, Group.name).where(Group.id.in_(list(group_ids))))
    return {row.id: row.name for row in rows}


def group_choices(limit: int = 300) -> list[tuple[int, str]]:
    """(id, name) of the groups by name, for choosing one."""
    rows = db.session.execute(select(Group.id, Group.name).order_by(Group.name).limit(limit))
    return [(row.id, row.name) for row in rows]


def living_topics(account: Any, limit: int = 3) -> list[Row[*tuple[Any, ...]]]:
    """Topics with the newest activity that this person may read (for landing pages and the home)."""
    from ..customers.models import Customer
    from .access import topics_visible_to

    return list(
        db.session.execute(
            select(
                Topic.id,
                Topic.title,
                Topic.excerpt,
                Topic.image,
                Topic.replies,
                Topic.reactions,
                Topic.last_post_at,
                Topic.group_id,
                Group.name.label("group_name"),
                Customer.display_name.label("author"),
                Customer.avatar,
            )
            .join(Group, Group.id == Topic.group_id)
            .join(Customer, Customer.id == Topic.author_id)
            .where(Topic.state == "published", Topic.id.in_(topics_visible_to(account)))
            .order_by(Topic.last_post_at.desc(), Topic.id.desc())
            .limit(limit)
        )
    )
