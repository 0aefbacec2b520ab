"""Tables of topics and posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model

#: published, held (waits for a reviewer), hidden (by a moderator, with a reason), deleted (by its writer).
POST_STATES = ("published", "held", "hidden", "deleted")
REACTIONS = ("like", "useful", "same")
CHANNELS = ("community", "import", "api")


class Topic(Model):
    """A thread in a group. Its first text is its first post; figures on the row are kept by the actions."""

    __tablename__ = "topics"
    __table_args__ = (
        CheckConstraint("state IN ('published','held','hidden','deleted')", name="state"),
        Index("ix_topics_page", "group_id", "state", "pinned", "last_post_at", "id"),
        Index("ix_topics_recent", "state", "last_post_at", "id"),
        Index("ix_topics_opened", "group_id", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    #: The beginning of the first post, as plain text, for lists.
    excerpt: Mapped[str] = mapped_column(String(200), default="")
    #: Storage key of the first post's first image, for lists.
    image: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="published")
    pinned: Mapped[bool] = mapped_column(default=False)
    closed: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    first_post_id: Mapped[int | None]
    #: Published replies, the first post not counted.
    replies: Mapped[int] = mapped_column(default=0)
    #: The number the newest post got; numbers are never given twice.
    last_number: Mapped[int] = mapped_column(default=0)
    last_post_id: Mapped[int | None]
    last_post_at: Mapped[datetime]
    last_author_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    #: Reactions to the first post, all kinds together, for lists.
    reactions: Mapped[int] = mapped_column(default=0)


class Post(Model):
    """A text of a member, rendered when it is written."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("state IN ('published','held','hidden','deleted')", name="state"),
        Index("ix_posts_page", "topic_id", "id"),
        Index("ix_posts_author", "author_id", "id"),
        Index("ix_posts_state", "state", "id"),
        Index("ix_posts_published", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    #: 1 for the topic's first text.
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="published")
    published_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    #: The post this one answers or quotes.
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    #: [{"key": …, "width": …, "height": …}], as the page needs them.
    images: Mapped[list[Any]] = mapped_column(default=list)
    #: reaction kind → how many.
    reactions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Why a moderator hid it, or which rule holds it.
    reason: Mapped[str | None] = mapped_column(String(300))
    #: Where it was written: community, import or api.
    channel: Mapped[str] = mapped_column(String(12), default="community")
    #: The key of the submission that created it: a repeated one creates nothing.
    once: Mapped[str | None] = mapped_column(String(120), unique=True)


class PostImage(Model):
    """Which posts show a file: the door of `/files/<key>`."""

    __tablename__ = "post_images"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class PostVersion(Model):
    """What a post said before an edit."""

    __tablename__ = "post_versions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    #: When this version was replaced, and by whom.
    replaced_at: Mapped[datetime]
    editor_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class Mention(Model):
    """A post names a customer."""

    __tablename__ = "post_mentions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)


class PostReaction(Model):
    """One customer's reaction of one kind to one post."""

    __tablename__ = "post_reactions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime]


class Bookmark(Model):
    """A customer keeps a post to find it again."""

    __tablename__ = "bookmarks"
    __table_args__ = (Index("ix_bookmarks_page", "customer_id", "at", "post_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    at: Mapped[datetime]


class Draft(Model):
    """What a customer has begun to write at a place (`topic:12`, `group:3`) and not sent."""

    __tablename__ = "drafts"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime]


class TopicState(Model):
    """How far a customer has read a topic, and how much they want to hear of it."""

    __tablename__ = "topic_states"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True, index=True)
    last_read_id: Mapped[int] = mapped_column(default=0)
    #: watching, tracking, normal, muted; None follows the group's level.
    level: Mapped[str | None] = mapped_column(String(10))
