"""Taking in many texts at once, each row once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from ...database import db, utcnow
from ...errors import Conflict
from .actions import MAX_TITLE, TITLE_FROM_TEXT, announce_replies, checked, open_topic, publish_post
from .models import Mention, Post, Topic
from .queries import people_named_each
from .rendering import plain, render


@dataclass(frozen=True)
class ImportedPost:
    """A text from outside. `source` names it for ever (`file.csv:12`): importing it again changes nothing."""

    source: str
    author_id: int
    group_id: int
    text: str
    at: datetime | None = None
    #: A reply to this topic; None opens a topic.
    topic_id: int | None = None
    #: A reply to the topic that this earlier row opened.
    topic_source: str | None = None
    #: The topic's title; the text's beginning when empty.
    title: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of one row: the post's id, and whether it was there before."""

    source: str
    post_id: int
    topic_id: int
    known: bool


def import_posts(rows: Sequence[ImportedPost]) -> list[Taken]:
    """Publish rows inside the caller's transaction; rows that were taken in before are left as they are."""
    known = _known(_key(row.source) for row in rows)
    known.update(_known(_key(row.topic_source) for row in rows if row.topic_source))
    taken = set(known)
    replies: dict[str, ImportedPost] = {}
    for row in rows:
        key = _key(row.source)
        if key in known or key in replies:
            continue
        if row.topic_id is not None:
            replies[key] = row
        else:
            post = _publish(row, key, known)
            known[key] = (post.id, post.topic_id)
    known.update(_reply_together(replies))
    found: list[Taken] = []
    for row in rows:
        key = _key(row.source)
        found.append(Taken(row.source, *known[key], key in taken))
        taken.add(key)
    return found


def _reply_together(rows: Mapping[str, ImportedPost]) -> dict[str, tuple[int, int]]:
    """Key → (post id, topic id) of replies, written in one statement; the topics' rows are locked as single ones are."""
    topics = {topic.id: topic for topic in _locked({row.topic_id for row in rows.values()})}
    if any(topic.state != "published" for topic in topics.values()):
        raise Conflict("topic_not_open")
    written: list[dict[str, Any]] = []
    mentioned: dict[str, list[int]] = {}
    texts = {key: checked(row.text, ()) for key, row in rows.items()}
    named = _named(texts, {key: topics[row.topic_id or 0].group_id for key, row in rows.items()})
    for key, row in rows.items():
        topic = topics[row.topic_id or 0]
        topic.last_number += 1
        text = texts[key]
        html, mentioned[key] = render(text, named[key])
        written.append(
            {
                "topic_id": topic.id,
                "author_id": row.author_id,
                "number": topic.last_number,
                "text": text,
                "html": html,
                "published_at": row.at or utcnow(),
                "channel": "import",
                "once": key,
            }
        )
    if not written:
        return {}
    ids = dict(db.session.execute(insert(Post).returning(Post.once, Post.id), written).all())
    mentions = [
        {"post_id": ids[key], "customer_id": person}
        for key, people in mentioned.items()
        for person in dict.fromkeys(people)
        if person != rows[key].author_id
    ]
    if mentions:
        db.session.execute(insert(Mention), mentions)
    announce_replies(
        [
            (topics[post["topic_id"]], ids[post["once"]], post["author_id"], post["published_at"])
            for post in written
        ]
    )
    return {key: (ids[key], row.topic_id or 0) for key, row in rows.items()}


def _named(texts: Mapping[str, str], groups: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Key → whom its text may mention, each group asked once."""
    named: dict[str, dict[str, int]] = {}
    for group_id in set(groups.values()):
        keys = [key for key in texts if groups[key] == group_id]
        named.update(zip(keys, people_named_each([texts[key] for key in keys], group_id), strict=True))
    return named


def _locked(topic_ids: Iterable[int | None]) -> list[Topic]:
    query = select(Topic).where(Topic.id.in_(list(topic_ids))).order_by(Topic.id)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _key(source: str) -> str:
    return f"import:{source}"[-120:]


def _known(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    rows = db.session.execute(select(Post.once, Post.id, Post.topic_id).where(Post.once.in_(list(keys))))
    return {row.once: (row.id, row.topic_id) for row in rows}


def _publish(row: ImportedPost, key: str, known: dict[str, tuple[int, int]]) -> Post:
    at = row.at or utcnow()
    topic_id = known.get(_key(row.topic_source), (0, 0))[1] if row.topic_source else 0
    if topic_id:
        return publish_post(row.author_id, topic_id, row.text, acting=None, once=key, at=at, channel="import")
    topic = open_topic(
        row.author_id,
        row.group_id,
        (row.title or title_from(row.text))[:MAX_TITLE],
        row.text,
        acting=None,
        once=key,
        at=at,
        channel="import",
    )
    return db.session.get_one(Post, topic.first_post_id)


def title_from(text: str) -> str:
    """A title for a text that came without one: its beginning, up to the first end of a sentence."""
    line = plain(render(text)[0])
    for end in "。！？!?；;\n":
        at = line.find(end)
        if 4 <= at < TITLE_FROM_TEXT:
            return line[: at + (end in "？?！!")]
    return line if len(line) <= TITLE_FROM_TEXT else line[: TITLE_FROM_TEXT - 1] + "…"
