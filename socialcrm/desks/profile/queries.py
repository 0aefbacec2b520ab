"""What a member's card shows to a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ...accounts.models import Account
from ...community.access import groups_visible_to, topics_visible_to
from ...community.groups.models import Group, Membership
from ...community.topics.models import Post, Topic
from ...database import db


@dataclass(frozen=True)
class Card:
    """Groups and topics the viewer may see, and how much the member wrote."""

    groups: list[Any]
    topics: list[Any]
    posts: int


def card_of(member: Account, viewer: Account | None) -> Card:
    """Three queries."""
    customer_id = member.customer_id
    groups = db.session.execute(
        select(Group.id, Group.name, Membership.role)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.customer_id == customer_id, Membership.state == "active")
        .where(Group.id.in_(groups_visible_to(viewer)))
        .order_by(Membership.joined_at.desc())
        .limit(12)
    )
    topics = db.session.execute(
        select(Topic.id, Topic.title, Topic.opened_at, Topic.replies)
        .where(Topic.author_id == customer_id, Topic.id.in_(topics_visible_to(viewer)))
        .order_by(Topic.id.desc())
        .limit(6)
    )
    posts = db.session.scalar(
        select(func.count()).where(Post.author_id == customer_id, Post.state == "published")
    )
    return Card(list(groups), list(topics), posts or 0)
