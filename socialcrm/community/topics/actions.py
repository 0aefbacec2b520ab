"""Verbs that write in the community. All run inside the caller's transaction(); pictures are decoded before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from ...database import db, utcnow
from ...errors import Conflict, Invalid
from ...events import announce
from ...live import push_to_group, push_to_topic
from ...uploads import KeptImage
from ..events import PostEdited, PostHeld, PostHidden, PostPublished, TopicOpened
from ..groups.models import LEVELS, Group
from ..moderation.queries import word_rules
from ..moderation.wording import Verdict, judge
from .models import (
    CHANNELS,
    REACTIONS,
    Bookmark,
    Draft,
    Mention,
    Post,
    PostImage,
    PostReaction,
    PostVersion,
    Topic,
    TopicState,
)
from .queries import people_named
from .rendering import excerpt, render

MAX_TEXT = 20_000
MAX_TITLE = 120
TITLE_FROM_TEXT = 40


def open_topic(
    author_customer_id: int,
    group_id: int,
    title: str,
    text: str,
    *,
    acting: int | None,
    images: Sequence[KeptImage] = (),
    once: str | None = None,
    at: datetime | None = None,
    channel: str = "community",
) -> Topic:
    """Open a topic with its first text. A repeated `once` gives the topic that was opened the first time.

    `acting` is the account that writes, None for an import. Raises Invalid `title_missing`, `text_missing`,
    `text_too_long`, `word_blocked`.
    """
    if once and (first := _posted(once)):
        return db.session.get_one(Topic, first.topic_id)
    title = " ".join(title.split())
    if not title:
        raise Invalid("title_missing", field="title")
    if len(title) > MAX_TITLE:
        raise Invalid("title_too_long", field="title", limit=MAX_TITLE)
    titled = _judged(title, "title", acting)
    now = at or utcnow()
    topic = Topic(
        group_id=group_id,
        author_id=author_customer_id,
        title=titled.text[:MAX_TITLE],
        opened_at=now,
        last_post_at=now,
        last_author_id=author_customer_id,
    )
    db.session.add(topic)
    db.session.flush()
    post = _write(topic, author_customer_id, text, images, None, once, now, channel, acting, also=titled)
    topic.state, topic.first_post_id = post.state, post.id
    topic.excerpt, topic.image = excerpt(post.html), images[0].key if images else None
    if post.state == "published":
        announce_topic(topic, post)
    return topic


def announce_topic(topic: Topic, post: Post) -> None:
    """Count a topic that can be read now, and say so."""
    _touch_group(topic.group_id, topic.last_post_at, topics=1)
    announce(TopicOpened(topic.id))
    _announce_post(topic, post)


def publish_post(
    author_customer_id: int,
    topic_id: int,
    text: str,
    *,
    acting: int | None,
    images: Sequence[KeptImage] = (),
    reply_to: int | None = None,
    once: str | None = None,
    at: datetime | None = None,
    channel: str = "community",
) -> Post:
    """Reply in a topic. A repeated `once` gives the post that was published the first time.

    The topic's row is locked first, so that within a topic a higher id is always the later commit: pages ask for
    what came after their last id. Raises Invalid as `open_topic` does, Conflict `topic_not_open`.
    """
    if once and (first := _posted(once)):
        return first
    topic = db.session.get_one(Topic, topic_id, with_for_update=True)
    if topic.state != "published":
        raise Conflict("topic_not_open")
    now = at or utcnow()
    post = _write(topic, author_customer_id, text, images, reply_to, once, now, channel, acting)
    if post.state == "published":
        announce_reply(topic, post)
    return post


def announce_reply(topic: Topic, post: Post) -> None:
    """Count a reply that can be read now, and say so."""
    topic.replies += 1
    topic.last_post_id = max(post.id, topic.last_post_id or 0)
    if post.published_at >= topic.last_post_at:
        topic.last_post_at, topic.last_author_id = post.published_at, post.author_id
    _touch_group(topic.group_id, post.published_at)
    _announce_post(topic, post)


def announce_replies(posts: Sequence[tuple[Topic, int, int, datetime]]) -> None:
    """Count many replies (topic, post id, author id, at) that can be read now; one hint a topic says so."""
    for topic, post_id, author_id, at in posts:
        topic.replies += 1
        topic.last_post_id = max(post_id, topic.last_post_id or 0)
        if at >= topic.last_post_at:
            topic.last_post_at, topic.last_author_id = at, author_id
        announce(PostPublished(post_id, topic.id, topic.group_id, author_id))
    for topic in {topic.id: topic for topic, _, _, _ in posts}.values():
        _touch_group(topic.group_id, max(at for each, _, _, at in posts if each is topic))
        push_to_topic(topic.id, "post", topic.last_post_id or 0)
        push_to_group(topic.group_id, "topic", topic.id)


def _announce_post(topic: Topic, post: Post) -> None:
    topic.last_post_id = max(post.id, topic.last_post_id or 0)
    announce(PostPublished(post.id, topic.id, topic.group_id, post.author_id))
    push_to_topic(topic.id, "post", post.id)
    push_to_group(topic.group_id, "topic", topic.id)


def _posted(once: str) -> Post | None:
    return db.session.scalar(select(Post).where(Post.once == once))


def _touch_group(group_id: int, at: datetime, *, topics: int = 0) -> None:
    latest = db.case((Group.last_post_at < at, at), else_=Group.last_post_at)
    db.session.execute(
        update(Group)
        .where(Group.id == group_id)
        .values(last_post_at=latest, topics=Group.topics + topics)
        .execution_options(synchronize_session=False)
    )


def _judged(text: str, field: str, acting: int | None) -> Verdict:
    """What the word rules say; imports (`acting` None) are history and are not judged."""
    verdict = judge(text, word_rules() if acting is not None else ())
    if verdict.deed == "block":
        raise Invalid("word_blocked", field=field, words="、".join(verdict.words))
    return verdict


def checked(text: str, images: Sequence[KeptImage], field: str = "text") -> str:
    """The text as it is kept; Invalid `text_missing`, `text_too_long`."""
    text = text.replace("\r\n", "\n").strip()
    if not text and not images:
        raise Invalid("text_missing", field=field)
    if len(text) > MAX_TEXT:
        raise Invalid("text_too_long", field=field, limit=MAX_TEXT, length=len(text))
    return text


def _write(
    topic: Topic,
    author_id: int,
    text: str,
    images: Sequence[KeptImage],
    reply_to: int | None,
    once: str | None,
    at: datetime,
    channel: str,
    acting: int | None,
    also: Verdict | None = None,
) -> Post:
    """The row with its pictures and mentions; `also` is the verdict on the topic's title."""
    if channel not in CHANNELS:
        raise Invalid("unknown_channel", field="channel")
    verdict = _judged(checked(text, images), "text", acting)
    held = [v for v in (verdict, also) if v is not None and v.deed == "hold"]
    html, mentioned = render(verdict.text, people_named(verdict.text, topic.group_id))
    topic.last_number += 1
    post = Post(
        topic_id=topic.id,
        author_id=author_id,
        number=topic.last_number,
        text=verdict.text,
        html=html,
        state="held" if held else "published",
        reason="、".join(dict.fromkeys(word for v in held for word in v.words))[:300] or None,
        published_at=at,
        reply_to_id=_post_in(topic.id, reply_to),
        images=[{"key": image.key, "width": image.width, "height": image.height} for image in images],
        reactions={},
        channel=channel,
        once=once,
    )
    db.session.add(post)
    db.session.flush()
    _note_images(post, images)
    _note_mentions(post, mentioned)
    if held:
        announce(PostHeld(post.id))
    return post


def _post_in(topic_id: int, post_id: int | None) -> int | None:
    if post_id is None:
        return None
    return db.session.scalar(select(Post.id).where(Post.id == post_id, Post.topic_id == topic_id))


def _note_images(post: Post, images: Sequence[KeptImage]) -> None:
    known = set(db.session.scalars(select(PostImage.key).where(PostImage.post_id == post.id)))
    for key in dict.fromkeys(image.key for image in images):
        if key not in known:
            db.session.add(PostImage(post_id=post.id, key=key))


def _note_mentions(post: Post, mentioned: Sequence[int]) -> None:
    known = set(db.session.scalars(select(Mention.customer_id).where(Mention.post_id == post.id)))
    for customer_id in mentioned:
        if customer_id not in known and customer_id != post.author_id:
            db.session.add(Mention(post_id=post.id, customer_id=customer_id))


def edit_post(
    post_id: int, text: str, *, editor_id: int, acting: int, version: int, title: str | None = None
) -> Post:
    """Change a text; what it said before is kept. `version` is the one the writer began from.

    `title` renames the topic when the post is its first one. Raises Conflict `edited_meanwhile`, and Invalid as
    `open_topic` does.
    """
    post = db.session.get_one(Post, post_id, with_for_update=True)
    if post.version != version:
        raise Conflict("edited_meanwhile", field="text")
    kept = [KeptImage(**image) for image in post.images]
    verdict = _judged(checked(text, kept), "text", acting)
    if verdict.deed == "hold":
        raise Invalid("word_held", field="text", words="、".join(verdict.words))
    topic = db.session.get_one(Topic, post.topic_id)
    if post.number == 1 and title is not None:
        _rename(topic, title, acting)
    if verdict.text != post.text:
        _replace_text(post, topic, verdict.text, editor_id)
    announce(PostEdited(post.id))
    push_to_topic(topic.id, "changed", post.id)
    return post


def _rename(topic: Topic, title: str, acting: int) -> None:
    title = " ".join(title.split())
    if not title:
        raise Invalid("title_missing", field="title")
    if len(title) > MAX_TITLE:
        raise Invalid("title_too_long", field="title", limit=MAX_TITLE)
    topic.title = _judged(title, "title", acting).text


def _replace_text(post: Post, topic: Topic, text: str, editor_id: int) -> None:
    now = utcnow()
    db.session.add(
        PostVersion(
            post_id=post.id,
            version=post.version,
            html=post.html,
            text=post.text,
            replaced_at=now,
            editor_id=editor_id,
        )
    )
    post.html, mentioned = render(text, people_named(text, topic.group_id))
    post.text, post.edited_at, post.version = text, now, post.version + 1
    _note_mentions(post, mentioned)
    if post.number == 1:
        topic.excerpt = excerpt(post.html)


def delete_own_post(post_id: int) -> None:
    """The writer takes a post back; its row and number stay, its text is no longer shown.

    A first post can be taken back while nobody has answered (Conflict `topic_has_replies`).
    """
    post = db.session.get_one(Post, post_id, with_for_update=True)
    topic = db.session.get_one(Topic, post.topic_id, with_for_update=True)
    if post.number == 1 and topic.replies:
        raise Conflict("topic_has_replies")
    withdraw(post, topic, "deleted")


def withdraw(post: Post, topic: Topic, state: str) -> None:
    """Make a post unreadable (hidden or deleted) and count it out; a first post takes its topic along."""
    was_published = post.state == "published"
    post.state = state
    if post.number == 1:
        topic.state = state
    if was_published:
        recount(topic, -1 if post.number == 1 else 0)
    announce(PostHidden(post.id))
    push_to_topic(topic.id, "changed", post.id)


def recount(topic: Topic, topics: int) -> None:
    """Bring a topic's figures in line with its posts, and its group's number of topics by `topics`."""
    db.session.flush()
    published = (Post.topic_id == topic.id, Post.state == "published")
    newest = db.session.execute(
        select(Post.id, Post.published_at, Post.author_id)
        .where(*published)
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(1)
    ).first()
    topic.replies = (
        db.session.scalar(select(db.func.count()).select_from(Post).where(*published, Post.number > 1)) or 0
    )
    if newest is not None:
        topic.last_post_id = db.session.scalar(select(db.func.max(Post.id)).where(*published))
        topic.last_post_at, topic.last_author_id = newest.published_at, newest.author_id
    if topics:
        db.session.execute(
            update(Group)
            .where(Group.id == topic.group_id)
            .values(topics=Group.topics + topics)
            .execution_options(synchronize_session=False)
        )


def set_reaction(post_id: int, customer_id: int, kind: str, *, on: bool) -> Post:
    """Give or take back one kind of reaction; asking twice for the same changes nothing."""
    if kind not in REACTIONS:
        raise Invalid("unknown_reaction", field="kind")
    post = db.session.get_one(Post, post_id, with_for_update=True)
    row = db.session.get(PostReaction, (post_id, customer_id, kind))
    if (row is not None) == on:
        return post
    if on:
        db.session.add(PostReaction(post_id=post_id, customer_id=customer_id, kind=kind, at=utcnow()))
    else:
        db.session.execute(
            delete(PostReaction).where(
                PostReaction.post_id == post_id,
                PostReaction.customer_id == customer_id,
                PostReaction.kind == kind,
            )
        )
    _count_reactions(post)
    push_to_topic(post.topic_id, "changed", post.id)
    return post


def _count_reactions(post: Post) -> None:
    db.session.flush()
    rows = db.session.execute(
        select(PostReaction.kind, db.func.count().label("number"))
        .where(PostReaction.post_id == post.id)
        .group_by(PostReaction.kind)
    )
    post.reactions = {row.kind: row.number for row in rows}
    if post.number == 1:
        db.session.get_one(Topic, post.topic_id).reactions = sum(post.reactions.values())


def set_bookmark(post_id: int, customer_id: int, *, on: bool) -> None:
    """Keep a post to find it again, or no longer."""
    row = db.session.get(Bookmark, (customer_id, post_id))
    if on and row is None:
        db.session.add(Bookmark(customer_id=customer_id, post_id=post_id, at=utcnow()))
    elif not on and row is not None:
        db.session.delete(row)


def save_draft(customer_id: int, place: str, text: str, title: str = "") -> None:
    """Keep what has been begun at a place (`topic:12`, `group:3`); nothing written removes the draft."""
    row = db.session.get(Draft, (customer_id, place))
    if not text.strip() and not title.strip():
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = Draft(customer_id=customer_id, place=place)
        db.session.add(row)
    row.text, row.title, row.saved_at = text[:MAX_TEXT], title[:MAX_TITLE], utcnow()


def _topic_state(customer_id: int, topic_id: int) -> TopicState:
    row = db.session.get(TopicState, (customer_id, topic_id))
    if row is None:
        row = TopicState(customer_id=customer_id, topic_id=topic_id, last_read_id=0)
        db.session.add(row)
    return row


def mark_read(customer_id: int, topic_id: int, post_id: int) -> None:
    """Remember how far somebody has read; it never goes back."""
    row = _topic_state(customer_id, topic_id)
    row.last_read_id = max(row.last_read_id, post_id)


def set_topic_level(customer_id: int, topic_id: int, level: str | None) -> None:
    """How much somebody wants to hear of a topic; None follows the group."""
    if level is not None and level not in LEVELS:
        raise Invalid("unknown_level", field="level")
    _topic_state(customer_id, topic_id).level = level
