"""Take in a community's whole past at once: members, topics with their replies, reactions, what was read.

Inside transaction(); announces nothing. The figures on groups, topics and posts come out as if it had been written
one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update

from ..database import db
from .groups.models import Group, Membership
from .topics.models import Mention, Post, PostReaction, Topic, TopicState
from .topics.queries import people_named
from .topics.rendering import excerpt, render


@dataclass(frozen=True)
class NewMember:
    """Somebody in a group, as of a time."""

    group_id: int
    customer_id: int
    role: str
    at: datetime


@dataclass(frozen=True)
class NewPost:
    """A text; `answers` is the place of the post it replies to within its topic, 0 for the first one."""

    author_id: int
    text: str
    at: datetime
    answers: int | None = None


@dataclass(frozen=True)
class NewTopic:
    """A topic with its posts in order of time, the first one included."""

    group_id: int
    title: str
    posts: Sequence[NewPost]
    pinned: bool = False


@dataclass(frozen=True)
class NewReaction:
    """One person's reaction to a post."""

    post_id: int
    customer_id: int
    kind: str
    at: datetime


def take_in_members(members: Sequence[NewMember]) -> None:
    """Active members who accepted the rules in force."""
    groups = {group.id: group for group in db.session.query(Group)}
    db.session.execute(
        insert(Membership),
        [
            {
                "group_id": one.group_id,
                "customer_id": one.customer_id,
                "role": one.role,
                "joined_at": one.at,
                "rules_version": groups[one.group_id].rules_version,
            }
            for one in members
        ],
    )
    for group_id, number in Counter(one.group_id for one in members).items():
        groups[group_id].members += number
    db.session.flush()


def take_in_topics(topics: Sequence[NewTopic]) -> tuple[list[int], list[list[int]]]:
    """Topic ids, and per topic its post ids, in the order given."""
    found = db.session.scalars(
        insert(Topic).returning(Topic.id, sort_by_parameter_order=True),
        [_topic_row(topic) for topic in topics],
    )
    topic_ids = list(found)
    rows, mentioned = _post_rows(topics, topic_ids)
    post_ids = list(db.session.scalars(insert(Post).returning(Post.id, sort_by_parameter_order=True), rows))
    mentions = [
        {"post_id": post_id, "customer_id": person}
        for post_id, row, people in zip(post_ids, rows, mentioned, strict=True)
        for person in people
        if person != row["author_id"]
    ]
    if mentions:
        db.session.execute(insert(Mention), mentions)
    per_topic, at = [], 0
    for topic in topics:
        per_topic.append(post_ids[at : at + len(topic.posts)])
        at += len(topic.posts)
    _link(topics, topic_ids, per_topic, rows)
    _count_topics(topics)
    return topic_ids, per_topic


def _topic_row(topic: NewTopic) -> dict[str, Any]:
    first, last = topic.posts[0], topic.posts[-1]
    return {
        "group_id": topic.group_id,
        "author_id": first.author_id,
        "title": topic.title,
        "pinned": topic.pinned,
        "opened_at": first.at,
        "replies": len(topic.posts) - 1,
        "last_number": len(topic.posts),
        "last_post_at": last.at,
        "last_author_id": last.author_id,
    }


def _post_rows(
    topics: Sequence[NewTopic], topic_ids: Sequence[int]
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    rows, mentioned = [], []
    for topic_id, topic in zip(topic_ids, topics, strict=True):
        for number, post in enumerate(topic.posts, start=1):
            html, people = render(post.text, people_named(post.text, topic.group_id))
            rows.append(
                {
                    "topic_id": topic_id,
                    "author_id": post.author_id,
                    "number": number,
                    "text": post.text,
                    "html": html,
                    "published_at": post.at,
                }
            )
            mentioned.append(people)
    return rows, mentioned


def _link(
    topics: Sequence[NewTopic],
    topic_ids: Sequence[int],
    per_topic: Sequence[Sequence[int]],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Fill in what needs the posts' ids: answers, a topic's first and last post, its excerpt."""
    html_of = {(row["topic_id"], row["number"]): row["html"] for row in rows}
    answers = [
        {"b_id": ids[place], "b_to": ids[post.answers]}
        for topic, ids in zip(topics, per_topic, strict=True)
        for place, post in enumerate(topic.posts)
        if post.answers is not None
    ]
    ends = [
        {
            "b_id": topic_id,
            "b_first": ids[0],
            "b_last": ids[-1],
            "b_excerpt": excerpt(html_of[topic_id, 1]),
        }
        for topic_id, ids in zip(topic_ids, per_topic, strict=True)
    ]
    posts, heads = cast(Table, Post.__table__), cast(Table, Topic.__table__)
    connection = db.session.connection()
    if answers:
        connection.execute(
            update(posts).where(posts.c.id == bindparam("b_id")).values(reply_to_id=bindparam("b_to")),
            answers,
        )
    connection.execute(
        update(heads)
        .where(heads.c.id == bindparam("b_id"))
        .values(
            first_post_id=bindparam("b_first"),
            last_post_id=bindparam("b_last"),
            excerpt=bindparam("b_excerpt"),
        ),
        ends,
    )


def _count_topics(topics: Sequence[NewTopic]) -> None:
    by_group: defaultdict[int, list[NewTopic]] = defaultdict(list)
    for topic in topics:
        by_group[topic.group_id].append(topic)
    for group_id, some in by_group.items():
        group = db.session.get_one(Group, group_id)
        group.topics += len(some)
        group.last_post_at = max([group.last_post_at, *(topic.posts[-1].at for topic in some)])
    db.session.flush()


def take_in_reactions(reactions: Sequence[NewReaction]) -> None:
    """Reactions to posts that have none yet, counted on the posts and on topics' first posts."""
    db.session.execute(
        insert(PostReaction),
        [
            {"post_id": one.post_id, "customer_id": one.customer_id, "kind": one.kind, "at": one.at}
            for one in reactions
        ],
    )
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in reactions:
        counts[one.post_id][one.kind] += 1
    posts, heads = cast(Table, Post.__table__), cast(Table, Topic.__table__)
    connection = db.session.connection()
    connection.execute(
        update(posts).where(posts.c.id == bindparam("b_id")).values(reactions=bindparam("b_counts")),
        [{"b_id": post_id, "b_counts": dict(kinds)} for post_id, kinds in counts.items()],
    )
    connection.execute(
        update(heads).where(heads.c.first_post_id == bindparam("b_id")).values(reactions=bindparam("b_sum")),
        [{"b_id": post_id, "b_sum": sum(kinds.values())} for post_id, kinds in counts.items()],
    )


def take_in_reading(read: Sequence[tuple[int, int, int]]) -> None:
    """(customer, topic, last post read) of people who had no mark there yet."""
    db.session.execute(
        insert(TopicState),
        [{"customer_id": who, "topic_id": topic, "last_read_id": post} for who, topic, post in read],
    )
