"""What search finds of topics and replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select

from ...database import db
from ...search.actions import Source
from ...search.documents import Document, for_group
from .models import Post, Topic
from .rendering import plain


def topic_ids_after(last: int, limit: int) -> Sequence[int]:
    """The next topic ids in ascending order."""
    return db.session.scalars(select(Topic.id).where(Topic.id > last).order_by(Topic.id).limit(limit)).all()


def topic_documents(ids: Sequence[int]) -> Iterator[Document]:
    """The published ones of `ids`, each with its first text."""
    rows = db.session.execute(
        select(Topic.id, Topic.title, Topic.group_id, Topic.author_id, Topic.opened_at, Post.html)
        .outerjoin(Post, (Post.id == Topic.first_post_id) & (Post.state == "published"))
        .where(Topic.id.in_(ids), Topic.state == "published")
    )
    for row in rows:
        yield Document(
            kind="topic",
            id=row.id,
            title=row.title,
            body=plain(row.html or ""),
            url=f"/topics/{row.id}",
            audience=for_group(row.group_id),
            at=row.opened_at,
            group_id=row.group_id,
            customer_id=row.author_id,
        )


def post_ids_after(last: int, limit: int) -> Sequence[int]:
    """The next post ids in ascending order."""
    return db.session.scalars(select(Post.id).where(Post.id > last).order_by(Post.id).limit(limit)).all()


def reply_documents(ids: Sequence[int]) -> Iterator[Document]:
    """The published replies among the posts `ids`; a topic's first text belongs to the topic's document."""
    rows = db.session.execute(
        select(Post.id, Post.html, Post.author_id, Post.published_at, Topic.title, Topic.group_id)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.id.in_(ids), Post.number > 1, Post.state == "published", Topic.state == "published")
    )
    for row in rows:
        yield Document(
            kind="reply",
            id=row.id,
            title=row.title,
            body=plain(row.html),
            url=f"/posts/{row.id}",
            audience=for_group(row.group_id),
            at=row.published_at,
            group_id=row.group_id,
            customer_id=row.author_id,
        )


def concerned_by(post_ids: Sequence[int], *, along: bool) -> tuple[Sequence[int], Sequence[int]]:
    """(topics, replies) whose documents may change with these posts. `along`: a first text takes all replies along,
    because its topic's title and state show in theirs."""
    topics = db.session.scalars(select(Post.topic_id).where(Post.id.in_(post_ids), Post.number == 1)).all()
    whose = or_(Post.id.in_(post_ids), Post.topic_id.in_(topics)) if along else Post.id.in_(post_ids)
    return topics, db.session.scalars(select(Post.id).where(Post.number > 1, whose)).all()


def replies_in(topic_ids: Sequence[int]) -> Sequence[int]:
    """Every reply of these topics."""
    return db.session.scalars(select(Post.id).where(Post.topic_id.in_(topic_ids), Post.number > 1)).all()


TOPICS = Source("topic", topic_ids_after, topic_documents)
REPLIES = Source("reply", post_ids_after, reply_documents)
