"""Table of a group's days."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model


class GroupDay(Model):
    """The figures of one group on one day of the brand's zone: a read model, derived from posts and opinions."""

    __tablename__ = "group_days"
    __table_args__ = (Index("ix_group_days_day", "day"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: Published posts, first texts of topics among them.
    posts: Mapped[int] = mapped_column(default=0)
    topics: Mapped[int] = mapped_column(default=0)
    #: Different people who posted.
    active: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    #: Topics opened on the day that nobody else has answered.
    unanswered: Mapped[int] = mapped_column(default=0)
    #: Median seconds from opening to the first answer, of the day's answered topics.
    reply_seconds: Mapped[int | None]
    #: Texts with an opinion, how many of them negative, and the mean of P(positive).
    scored: Mapped[int] = mapped_column(default=0)
    negative: Mapped[int] = mapped_column(default=0)
    mood: Mapped[float | None]
