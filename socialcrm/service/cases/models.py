"""Tables of cases: teams and who is in them, cases, their entries, pauses and canned replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import Model

STATUSES = ("open", "waiting", "solved", "closed", "reopened")
ACTIVE = ("open", "waiting", "reopened")
PRIORITIES = ("low", "normal", "high", "urgent")
SOURCES = ("alert", "conversation", "form", "survey", "hand")
CHANNELS = ("community", "web_chat", "form", "phone", "store", "email", "wechat")
AUDIENCES = ("customer", "internal")


class Team(Model):
    """Who works on what: a team answers for aspects; the one marked `fallback` for everything else."""

    __tablename__ = "service_teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    aspects: Mapped[list[Any]] = mapped_column(default=list)
    fallback: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class Desk(Model):
    """An agent's place: team, how many cases at a time, which aspects best, on duty or not."""

    __tablename__ = "service_desks"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("service_teams.id"), index=True)
    capacity: Mapped[int] = mapped_column(default=8)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    on_duty: Mapped[bool] = mapped_column(default=True)

    account: Mapped[Account] = relationship()
    team: Mapped[Team | None] = relationship()


class Case(Model):
    """A matter of one customer. It stands in its team's queue while it has no assignee."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("status IN ('open','waiting','solved','closed','reopened')", name="status"),
        CheckConstraint("priority IN ('low','normal','high','urgent')", name="priority"),
        Index("ix_cases_work", "status", "due_at", "id"),
        Index("ix_cases_assignee", "assignee_id", "status", "due_at"),
        Index("ix_cases_team", "team_id", "status", "due_at"),
        Index("ix_cases_customer", "customer_id", "id"),
        Index("ix_cases_place", "place", "place_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    title: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(15))
    channel: Mapped[str] = mapped_column(String(12))
    #: Where it was said: topic or conversation.
    place: Mapped[str | None] = mapped_column(String(15))
    place_id: Mapped[int | None]
    #: The post that is answered in the topic.
    post_id: Mapped[int | None]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    aspects: Mapped[list[Any]] = mapped_column(default=list)
    root_cause: Mapped[str] = mapped_column(String(200), default="")
    solution: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[str] = mapped_column(String(8), default="normal")
    status: Mapped[str] = mapped_column(String(10), default="open")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("service_teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    #: Since when the customer waits for our word; None when the last word is ours.
    waits_since: Mapped[datetime | None]
    #: The clocks: goal and limit of the next answer, limit of the solution; None while they stand still.
    goal_at: Mapped[datetime | None]
    reply_due_at: Mapped[datetime | None]
    solve_due_at: Mapped[datetime | None]
    #: The earlier of the two limits: the order of work. Far away while nothing is due.
    due_at: Mapped[datetime]
    first_replied_at: Mapped[datetime | None]
    #: Working seconds from opening to the first answer.
    first_reply_seconds: Mapped[int | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: How often it was solved: each round is rated once.
    rounds: Mapped[int] = mapped_column(default=0)
    snoozed_until: Mapped[datetime | None]
    #: Which limits were already reported as passed.
    reply_breached_at: Mapped[datetime | None]
    solve_breached_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    #: The opening form's key: a repeated submission opens one case.
    once: Mapped[str | None] = mapped_column(String(40), unique=True)

    customer: Mapped[Customer] = relationship()
    team: Mapped[Team | None] = relationship()
    assignee: Mapped[Account | None] = relationship()

    @property
    def active(self) -> bool:
        """Whether somebody has to work on it."""
        return self.status in ACTIVE


class CaseEntry(Model):
    """One line of a case's thread, append-only, for the customer's eyes or only ours."""

    __tablename__ = "case_entries"
    __table_args__ = (
        UniqueConstraint("case_id", "once"),
        CheckConstraint("audience IN ('customer','internal')", name="audience"),
        Index("ix_case_entries_page", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    audience: Mapped[str] = mapped_column(String(10))
    #: opened, said (by the customer), answered, note, assigned, queued, changed, waiting, resumed, solved, closed,
    #: reopened, rated, merged, breached, snoozed, alert
    kind: Mapped[str] = mapped_column(String(12))
    #: Who of the staff; None when the customer or a rule did it.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    once: Mapped[str | None] = mapped_column(String(40))

    account: Mapped[Account | None] = relationship()


class CasePause(Model):
    """A time in which the solution's clock stood still because the customer was asked something."""

    __tablename__ = "case_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CannedReply(Model):
    """A ready answer; {name} becomes the customer's name."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60), unique=True)
    text: Mapped[str] = mapped_column(Text)
