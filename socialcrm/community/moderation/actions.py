"""Verbs of moderation: each leaves a line in the group's public log. All run inside the caller's transaction()."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ...accounts.models import Account
from ...database import db, utcnow
from ...errors import Conflict, Invalid
from ...events import announce
from ...live import push_to_group, push_to_topic
from ..events import PostReported, PostRestored, ReportDecided, TopicChanged
from ..groups.models import Group
from ..topics.actions import announce_reply, announce_topic, recount, withdraw
from ..topics.models import Post, Topic
from .models import REPORT_REASONS, WORD_DEEDS, ModerationEntry, Report, WordRule

MAX_REASON = 300


def note_deed(
    deed: str,
    group_id: int,
    acting: int,
    *,
    topic_id: int | None = None,
    post_id: int | None = None,
    reason: str = "",
    reason_needed: bool = False,
    **facts: Any,
) -> None:
    """Write a line into the group's log; raises Invalid `reason_missing` where a reason is owed."""
    reason = " ".join(reason.split())[:MAX_REASON]
    if reason_needed and not reason:
        raise Invalid("reason_missing", field="reason")
    db.session.add(
        ModerationEntry(
            group_id=group_id,
            topic_id=topic_id,
            post_id=post_id,
            deed=deed,
            reason=reason,
            at=utcnow(),
            account_id=acting,
            facts=facts,
        )
    )
    db.session.flush()


def _changed(topic: Topic) -> None:
    announce(TopicChanged(topic.id))
    push_to_topic(topic.id, "moderated", topic.id)
    push_to_group(topic.group_id, "topic", topic.id)


def pin_topic(topic_id: int, acting: int, *, on: bool, reason: str = "") -> None:
    """Keep a topic at the top of its group, or no longer."""
    topic = db.session.get_one(Topic, topic_id, with_for_update=True)
    if topic.pinned == on:
        return
    topic.pinned = on
    note_deed("pin" if on else "unpin", topic.group_id, acting, topic_id=topic.id, reason=reason)
    _changed(topic)


def close_topic(topic_id: int, acting: int, *, on: bool, reason: str = "") -> None:
    """Take no more replies in a topic, or again; closing owes a reason."""
    topic = db.session.get_one(Topic, topic_id, with_for_update=True)
    if topic.closed == on:
        return
    topic.closed = on
    note_deed(
        "close" if on else "open",
        topic.group_id,
        acting,
        topic_id=topic.id,
        reason=reason,
        reason_needed=on,
    )
    _changed(topic)


def move_topic(topic_id: int, to_group_id: int, acting: int, *, reason: str) -> None:
    """Move a topic with its posts to another group; both groups' logs say so."""
    topic = db.session.get_one(Topic, topic_id, with_for_update=True)
    if topic.group_id == to_group_id:
        return
    origin = db.session.get_one(Group, topic.group_id, with_for_update=True)
    target = db.session.get_one(Group, to_group_id, with_for_update=True)
    for group_id in (origin.id, target.id):
        note_deed(
            "move",
            group_id,
            acting,
            topic_id=topic.id,
            reason=reason,
            reason_needed=True,
            origin=origin.name,
            target=target.name,
        )
    topic.group_id, topic.pinned = target.id, False
    if topic.state == "published":
        origin.topics -= 1
        target.topics += 1
        target.last_post_at = max(target.last_post_at, topic.last_post_at)
    _changed(topic)
    push_to_group(origin.id, "topic", topic.id)


def hide_post(post_id: int, acting: int, *, reason: str) -> None:
    """Hide a post with a reason everybody can read; a topic's first post hides the topic."""
    post = db.session.get_one(Post, post_id, with_for_update=True)
    topic = db.session.get_one(Topic, post.topic_id, with_for_update=True)
    if post.state in ("hidden", "deleted"):
        return
    note_deed(
        "hide",
        topic.group_id,
        acting,
        topic_id=topic.id,
        post_id=post.id,
        reason=reason,
        reason_needed=True,
        number=post.number,
    )
    post.reason = " ".join(reason.split())[:MAX_REASON]
    withdraw(post, topic, "hidden")
    if post.number == 1:
        _changed(topic)


def restore_post(post_id: int, acting: int, *, reason: str = "") -> None:
    """Show a hidden post again, or release one a word rule held (which publishes it now)."""
    post = db.session.get_one(Post, post_id, with_for_update=True)
    topic = db.session.get_one(Topic, post.topic_id, with_for_update=True)
    was = post.state
    if was not in ("hidden", "held"):
        return
    deed = "restore" if was == "hidden" else "release"
    note_deed(
        deed, topic.group_id, acting, topic_id=topic.id, post_id=post.id, reason=reason, number=post.number
    )
    post.state, post.reason = "published", None
    if post.number == 1:
        topic.state = "published"
    if was == "hidden":
        recount(topic, 1 if post.number == 1 else 0)
        announce(PostRestored(post.id))
        push_to_topic(topic.id, "changed", post.id)
        _changed(topic)
    elif post.number == 1:
        announce_topic(topic, post)
    else:
        announce_reply(topic, post)
        # Pages ask for what came after their last post, and this one may lie before it.
        push_to_topic(topic.id, "released", post.id)


def report_post(post_id: int, reporter_id: int, *, reason: str, text: str = "") -> Report:
    """Tell the moderators that a post breaks the rules; once per reader and post (Conflict `already_reported`)."""
    if reason not in REPORT_REASONS:
        raise Invalid("unknown_reason", field="reason")
    known = select(Report.id).where(Report.post_id == post_id, Report.reporter_id == reporter_id)
    if db.session.scalar(known) is not None:
        raise Conflict("already_reported", field="reason")
    report = Report(
        post_id=post_id, reporter_id=reporter_id, reason=reason, text=text.strip()[:1000], at=utcnow()
    )
    db.session.add(report)
    db.session.flush()
    announce(PostReported(report.id))
    return report


def decide_reports(post_id: int, acting: int, *, uphold: bool, answer: str) -> None:
    """Decide every open report of a post: uphold (the post is hidden, `answer` is the reason) or dismiss."""
    if uphold:
        hide_post(post_id, acting, reason=answer)
    open_reports = list(
        db.session.scalars(
            select(Report).where(Report.post_id == post_id, Report.state == "open").with_for_update()
        )
    )
    for report in open_reports:
        report.state = "upheld" if uphold else "dismissed"
        report.answer = " ".join(answer.split())[:MAX_REASON]
        report.decided_at, report.account_id = utcnow(), acting
        announce(ReportDecided(report.id))


def put_word_rule(word: str, deed: str, account: Account) -> WordRule:
    """Add a rule or change what it does. Raises Invalid `word_missing`, `unknown_deed`."""
    word = " ".join(word.split())[:60]
    if not word:
        raise Invalid("word_missing", field="word")
    if deed not in WORD_DEEDS:
        raise Invalid("unknown_deed", field="deed")
    rule = db.session.scalar(select(WordRule).where(WordRule.word == word))
    if rule is None:
        rule = WordRule(word=word, deed=deed, created_at=utcnow(), account_id=account.id)
        db.session.add(rule)
    rule.deed = deed
    db.session.flush()
    return rule


def remove_word_rule(rule_id: int) -> None:
    """Take a rule out of force; one that is gone changes nothing."""
    rule = db.session.get(WordRule, rule_id)
    if rule is not None:
        db.session.delete(rule)
