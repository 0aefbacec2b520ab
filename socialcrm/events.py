"""Events are rows: what happened, written in the transaction in which it happened.

`announce(event)` stores the event and one pending ReactionRun per registered reaction. A worker claims due
runs, and carries out each reaction in one transaction together with its run row turning `done`, so that a
delivery twice, a crash or a restart changes nothing twice and loses nothing. Reactions are registered in
`flow.py` and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import structlog
from sqlalchemy import ForeignKey, Index, String, Text, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model, after_commit, at_commit, db, transaction, utcnow

log = structlog.get_logger()

LIVE, NORMAL, BULK = 0, 1, 2
MAX_ATTEMPTS = 8

E = TypeVar("E", bound="Event")


class Event:
    """Base of the events: small frozen dataclasses, past tense, ids and facts only."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.__name__ in Event.registry:
            raise TypeError(f"two events are called {cls.__name__}")
        Event.registry[cls.__name__] = cls

    @staticmethod
    def revived(name: str, payload: dict[str, Any]) -> Event:
        """The event that was announced; KeyError for a name this version does not know."""
        return Event.registry[name](**payload)


class EventRow(Model):
    """An event as it was announced; `payload` holds the dataclass's fields."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class ReactionRun(Model):
    """One reaction to one event: pending until done, or failed after MAX_ATTEMPTS."""

    __tablename__ = "reaction_runs"
    __table_args__ = (
        Index("uq_reaction_runs_event_reaction", "event_id", "reaction", unique=True),
        Index(
            "ix_reaction_runs_due",
            "lane",
            "id",
            sqlite_where=db.text("state = 'pending'"),
            postgresql_where=db.text("state = 'pending'"),
        ),
        Index("ix_reaction_runs_state", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    reaction: Mapped[str] = mapped_column(String(120))
    lane: Mapped[int] = mapped_column(default=NORMAL)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    #: When it may be claimed; a claim moves it forward by the lease.
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Reaction:
    """A registered reaction. With `batch` > 1 the function takes a list of events and what `prepare` made."""

    name: str
    event: type[Event]
    function: Callable[..., None]
    lane: int
    batch: int
    prepare: Callable[[list[Any]], Any] | None


_reactions: dict[type[Event], list[Reaction]] = {}
_by_name: dict[str, Reaction] = {}
_lane: ContextVar[int | None] = ContextVar("lane", default=None)
_at_once: ContextVar[deque[Event] | None] = ContextVar("at_once", default=None)
_nudge: list[Callable[[], None]] = []


def reacts_to(
    event: type[E],
    *,
    lane: int = NORMAL,
    batch: int = 1,
    prepare: Callable[[list[E]], Any] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a reaction (flow.py only).

    Plain: `f(event)`. With `batch=n`: `f(events, prepared)`, where `prepare(events)` ran before the
    transaction opened (slow, pure work: scoring, HTTP).
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        name = f"{event.__name__}:{function.__name__}"
        if name in _by_name:
            raise ValueError(f"reaction {name} is registered twice")
        reaction = Reaction(name, event, function, lane, batch, prepare)
        _reactions.setdefault(event, []).append(reaction)
        _by_name[name] = reaction
        return function

    return register


def reaction_called(name: str) -> Reaction | None:
    """The reaction registered under the name; None when this version has none."""
    return _by_name.get(name)


@contextmanager
def in_lane(lane: int) -> Iterator[None]:
    """What a reaction of the lane announces: behind everything when it is bulk work itself."""
    token = _lane.set(BULK if lane == BULK else None)
    try:
        yield
    finally:
        _lane.reset(token)


def reactions_to(event: type[Event]) -> list[Reaction]:
    """The reactions registered for an event, in the order of flow.py."""
    return _reactions.get(event, [])


@contextmanager
def bulk_work() -> Iterator[None]:
    """What is announced inside goes behind everything somebody waits for (imports, re-scoring, seeding)."""
    token = _lane.set(BULK)
    try:
        yield
    finally:
        _lane.reset(token)


@contextmanager
def reacting_at_once(wanted: Callable[[Reaction], bool] = lambda reaction: True) -> Iterator[None]:
    """Carry out the reactions to what is announced inside at the end of the block, in its own transaction.

    For a command that tells a past: each reaction must find the world, and the clock, as they were then.
    Leaves no rows, since what shares the transaction cannot be lost. What is not `wanted` is the caller's to do.
    """
    waiting: deque[Event] = deque()
    token = _at_once.set(waiting)
    try:
        yield
        while waiting:
            event = waiting.popleft()
            for reaction in filter(wanted, reactions_to(type(event))):
                if reaction.batch == 1:
                    reaction.function(event)
                else:
                    reaction.function([event], reaction.prepare([event]) if reaction.prepare else None)
    finally:
        _at_once.reset(token)


def announce(event: Event) -> None:
    """Keep the event and its pending reactions, written when the current transaction commits."""
    waiting = _at_once.get()
    if waiting is not None:
        waiting.append(event)
        return
    at_commit(_write_announced, (event, utcnow(), _lane.get()))


def _write_announced(announced: list[tuple[Event, datetime, int | None]]) -> None:
    """All events of a transaction in one statement a lane, and their pending reactions in another."""
    for forced in dict.fromkeys(lane for _, _, lane in announced):
        rows = [
            {"name": type(event).__name__, "payload": _payload(event), "at": at}
            for event, at, lane in announced
            if lane == forced
        ]
        # Sorted by parameter order, SQLite would insert row by row; what follows needs only id and name together.
        written = db.session.execute(insert(EventRow).returning(EventRow.id, EventRow.name), rows)
        _write_runs(sorted((row.id, row.name) for row in written), forced)


def _write_runs(written: list[tuple[int, str]], forced: int | None) -> None:
    now = utcnow()
    runs = [
        {
            "event_id": event_id,
            "reaction": reaction.name,
            "lane": reaction.lane if forced is None else max(forced, reaction.lane),
            "due_at": now,
        }
        for event_id, name in written
        for reaction in reactions_to(Event.registry[name])
    ]
    if runs:
        db.session.execute(insert(ReactionRun), runs)
        after_commit(nudge)


def _payload(event: Event) -> dict[str, Any]:
    if not dataclasses.is_dataclass(event):
        raise TypeError(f"{type(event).__name__} is not a dataclass")
    return {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}


def on_nudge(call: Callable[[], None]) -> None:
    """Set what starts the worker after a commit (thread event when embedded, Celery task in the full set)."""
    _nudge[:] = [call]


def nudge() -> None:
    """Ask the worker to look now; the periodic sweep is the guarantee, so a failure here is only logged."""
    for call in _nudge:
        try:
            call()
        except Exception:
            log.warning("nudge_failed", exc_info=True)


def retry(run_id: int) -> None:
    """Put a failed run back in the queue (the admin's failed list)."""
    db.session.execute(
        update(ReactionRun)
        .where(ReactionRun.id == run_id, ReactionRun.state == "failed")
        .values(state="pending", attempts=0, due_at=utcnow())
    )
    after_commit(nudge)


def failed_runs(limit: int = 50, before_id: int | None = None) -> list[tuple[ReactionRun, EventRow]]:
    """The failed list, newest first, keyset-paged by run id."""
    query = select(ReactionRun, EventRow).join(EventRow, EventRow.id == ReactionRun.event_id)
    query = query.where(ReactionRun.state == "failed").order_by(ReactionRun.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(ReactionRun.id < before_id)
    return [(run, row) for run, row in db.session.execute(query)]


def queue_figures() -> dict[str, float]:
    """Pending and failed runs, and the age in seconds of the oldest that is due (for /metrics and doctor)."""
    now = utcnow()
    pending = db.session.scalar(select(func.count()).where(ReactionRun.state == "pending")) or 0
    failed = db.session.scalar(select(func.count()).where(ReactionRun.state == "failed")) or 0
    oldest = db.session.scalar(
        select(func.min(EventRow.at))
        .join(ReactionRun, ReactionRun.event_id == EventRow.id)
        .where(ReactionRun.state == "pending")
    )
    return {
        "pending": pending,
        "failed": failed,
        "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }


def purge_done(days: int = 90, batch: int = 2000) -> int:
    """Delete events whose reactions were all done more than `days` ago, in short transactions; returns how many."""
    before = utcnow() - timedelta(days=days)
    unfinished = select(ReactionRun.id).where(
        ReactionRun.event_id == EventRow.id, ReactionRun.state != "done"
    )
    total = 0
    while True:
        with transaction():
            old = select(EventRow.id).where(EventRow.at < before, ~unfinished.exists()).limit(batch)
            ids = list(db.session.scalars(old))
            db.session.execute(delete(ReactionRun).where(ReactionRun.event_id.in_(ids)))
            db.session.execute(delete(EventRow).where(EventRow.id.in_(ids)))
        total += len(ids)
        if len(ids) < batch:
            return total


class JobRun(Model):
    """When a periodic job last began; the claim that lets only one process run it."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    began_at: Mapped[datetime]


def claim_job(name: str, every: timedelta) -> bool:
    """Whether this process may run the periodic job now: its row's time is moved in one statement."""
    now = utcnow()
    with transaction():
        if db.session.get(JobRun, name) is None:
            db.session.add(JobRun(name=name, began_at=now))
            return True
        moved = db.session.execute(
            update(JobRun).where(JobRun.name == name, JobRun.began_at <= now - every).values(began_at=now)
        )
        return bool(moved.rowcount)  # type: ignore[attr-defined]
