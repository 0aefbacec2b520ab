"""Events are rows: what happened, written in the transaction in which it happened.

`announce(event)` stores the event and one pending ReactionRun per registered reaction. A worker claims due
runs, and carries out each reaction in one transaction together with its run row turning `done`, so that a
delivery twice, a crash or a restart changes nothing twice and loses nothing. Reactions are registered in
`flow.py` and nowhere else.
"""

from __future__ import annotations

import dataclasses
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import structlog
from sqlalchemy import ForeignKey, Index, String, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model, after_commit, db, transaction, utcnow

log = structlog.get_logger()

LIVE, NORMAL, BULK = 0, 1, 2
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8

E = TypeVar("E", bound="Event")


class Event:
    """Base of the events: small frozen dataclasses, past tense, ids and facts only."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.__name__ in Event.registry:
            raise TypeError(f"two events are called {cls.__name__}")
        Event.registry[cls.__name__] = cls


class EventRow(Model):
    """An event as it was announced; `payload` holds the dataclass's fields."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)

    def event(self) -> Event:
        """The dataclass this row stores."""
        return Event.registry[self.name](**self.payload)


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
    """Insert the event and its pending reactions in the current transaction."""
    waiting = _at_once.get()
    if waiting is not None:
        waiting.append(event)
        return
    now = utcnow()
    row = EventRow(name=type(event).__name__, payload=_payload(event), at=now)
    db.session.add(row)
    db.session.flush()
    forced = _lane.get()
    for reaction in reactions_to(type(event)):
        lane = reaction.lane if forced is None else max(forced, reaction.lane)
        db.session.add(ReactionRun(event_id=row.id, reaction=reaction.name, lane=lane, due_at=now))
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


@dataclass(frozen=True)
class Claimed:
    """A run this worker holds until its lease ends."""

    id: int
    reaction: str
    event_id: int
    lane: int
    attempts: int


def claim(limit: int) -> list[Claimed]:
    """Lease up to `limit` due runs of the most urgent lane; two workers never get the same."""
    now = utcnow()
    lane = _first_due_lane(now)
    if lane is None:
        return []
    due = (
        select(ReactionRun.id)
        .where(ReactionRun.state == "pending", ReactionRun.lane == lane, ReactionRun.due_at <= now)
        .order_by(ReactionRun.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        rows = db.session.execute(
            update(ReactionRun)
            .where(ReactionRun.id.in_(due.scalar_subquery()))
            .values(due_at=now + LEASE, attempts=ReactionRun.attempts + 1)
            .returning(
                ReactionRun.id,
                ReactionRun.reaction,
                ReactionRun.event_id,
                ReactionRun.lane,
                ReactionRun.attempts,
            )
            .execution_options(synchronize_session=False)
        ).all()
    return sorted((Claimed(*row) for row in rows), key=lambda run: run.id)


def _first_due_lane(now: datetime) -> int | None:
    """The most urgent lane with due work; read without the write lock, so that an idle sweep costs nothing."""
    lane = db.session.scalar(
        select(ReactionRun.lane)
        .where(ReactionRun.state == "pending", ReactionRun.due_at <= now)
        .order_by(ReactionRun.lane, ReactionRun.id)
        .limit(1)
    )
    db.session.rollback()
    return lane


def release_leases() -> None:
    """Let what a killed worker held be claimed at once; only for the embedded set, whose one worker is starting."""
    with transaction():
        db.session.execute(
            update(ReactionRun)
            .where(ReactionRun.state == "pending", ReactionRun.due_at > utcnow())
            .values(due_at=utcnow())
        )


def drain(limit: int = 128, rounds: int | None = None) -> int:
    """Claim and carry out due reactions until none is due (or `rounds` claims); returns how many were done."""
    done = 0
    while rounds is None or rounds > 0:
        claimed = claim(limit)
        if not claimed:
            break
        groups: dict[tuple[int, str], list[Claimed]] = {}
        for run in claimed:
            groups.setdefault((run.lane, run.reaction), []).append(run)
        for (_, name), runs in groups.items():
            done += _run_group(name, runs)
        rounds = None if rounds is None else rounds - 1
    return done


def _run_group(name: str, runs: list[Claimed]) -> int:
    reaction = _by_name.get(name)
    if reaction is None:
        for run in runs:
            _record_failure(run, f"no reaction is called {name}")
        return 0
    size = reaction.batch
    return sum(run_reaction(reaction, runs[at : at + size]) for at in range(0, len(runs), size))


class LeaseLost(Exception):
    """Part of a batch was done by another worker."""


def run_reaction(reaction: Reaction, runs: Sequence[Claimed]) -> int:
    """Carry out one batch in one transaction; a batch that fails is tried again one by one."""
    try:
        return _carry_out(reaction, runs)
    except Exception:
        if len(runs) == 1:
            log.exception("reaction_failed", reaction=reaction.name, event_id=runs[0].event_id)
            _record_failure(runs[0], traceback.format_exc(limit=12))
            return 0
    return sum(run_reaction(reaction, [run]) for run in runs)


def _carry_out(reaction: Reaction, runs: Sequence[Claimed]) -> int:
    token = _lane.set(BULK if runs[0].lane == BULK else None)
    try:
        rows = db.session.scalars(select(EventRow).where(EventRow.id.in_([run.event_id for run in runs])))
        events = {row.id: row.event() for row in rows}
        prepared = reaction.prepare([events[run.event_id] for run in runs]) if reaction.prepare else None
        with transaction():
            held = _mark_done(runs)
            if held != {run.id for run in runs}:
                # Another worker took some after our lease ended; what was prepared no longer fits.
                if len(runs) > 1:
                    raise LeaseLost(reaction.name)
                return 0
            current = [events[run.event_id] for run in runs]
            if reaction.batch == 1:
                reaction.function(current[0])
            else:
                reaction.function(current, prepared)
        return len(current)
    finally:
        _lane.reset(token)


def _mark_done(runs: Sequence[Claimed]) -> set[int]:
    """Turn the runs `done` first: the row lock makes a second worker wait, and then find nothing to do."""
    statement = (
        update(ReactionRun)
        .where(ReactionRun.id.in_([run.id for run in runs]), ReactionRun.state == "pending")
        .values(state="done", done_at=utcnow(), error=None)
        .returning(ReactionRun.id)
        .execution_options(synchronize_session=False)
    )
    return set(db.session.scalars(statement))


def _record_failure(run: Claimed, error: str) -> None:
    failed = run.attempts >= MAX_ATTEMPTS
    with transaction():
        db.session.execute(
            update(ReactionRun)
            .where(ReactionRun.id == run.id, ReactionRun.state == "pending")
            .values(
                state="failed" if failed else "pending",
                error=error[-4000:],
                due_at=utcnow() + timedelta(seconds=min(2**run.attempts, 600)),
            )
            .execution_options(synchronize_session=False)
        )


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
