"""Tables of moderation: what was done in the open, what was reported, which words are watched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model

DEEDS = ("pin", "unpin", "close", "open", "move", "hide", "restore", "release", "remove_member")
REPORT_REASONS = ("advertising", "insult", "false", "privacy", "off_topic", "other")
REPORT_STATES = ("open", "upheld", "dismissed")
WORD_DEEDS = ("block", "hold", "mask")


class ModerationEntry(Model):
    """One deed of a moderator; the public log shows deed, thing, reason and time, never a name."""

    __tablename__ = "moderation_entries"
    __table_args__ = (Index("ix_moderation_entries_page", "group_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    deed: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: What the sentence needs: number of the post, names of the groups a topic moved between.
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Report(Model):
    """A reader says that a post breaks the rules."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("post_id", "reporter_id"),
        CheckConstraint("state IN ('open','upheld','dismissed')", name="state"),
        Index("ix_reports_queue", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    decided_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: What the reviewer tells the reporter.
    answer: Mapped[str] = mapped_column(String(300), default="")


class WordRule(Model):
    """A word that blocks a text, holds it for a reviewer, or is masked in it."""

    __tablename__ = "word_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(60), unique=True)
    deed: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
