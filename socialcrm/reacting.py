"""The worker's side of events: claim due runs and carry them out, each exactly once.

A batch is one transaction: its runs turn `done` together with what the reactions write, so that a worker killed at
any moment has either done a batch or not begun it. A batch that fails is tried again one by one.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update

from .database import db, transaction, utcnow
from .events import BULK, LIVE, MAX_ATTEMPTS, Event, EventRow, Reaction, ReactionRun, in_lane, reaction_called

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
#: Runs claimed at once: a second's work, so that a lease never ends under the hands of a living worker.
CLAIMED = 256
#: Reactions to single events that share a transaction; short enough for a page that waits for SQLite's write lock.
TOGETHER = 32


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


def drain(limit: int = CLAIMED, rounds: int | None = None) -> int:
    """Claim and carry out due reactions until none is due (or `rounds` claims); returns how many were done."""
    done = 0
    while rounds is None or rounds > 0:
        claimed = claim(limit)
        if not claimed:
            break
        done += _work_off(claimed)
        rounds = None if rounds is None else rounds - 1
    return done


def give_way() -> None:
    """Between two steps of long bulk work (in a `prepare`, no transaction open): carry out what is more urgent.

    The embedded set has one worker; without this a complaint would wait until the long work is done.
    """
    while True:
        lane = _first_due_lane(utcnow())
        if lane is None or lane >= BULK:
            return
        _work_off(claim(CLAIMED))


def _work_off(claimed: Sequence[Claimed]) -> int:
    """Carry out what was claimed; what somebody waits for goes ahead between two batches of the rest."""
    told = _told(claimed)
    urgent = claimed[0].lane == LIVE
    done = 0
    for batch in _batches(claimed):
        if not urgent and done and _first_due_lane(utcnow()) == LIVE:
            done += _work_off(claim(CLAIMED))
        done += run_batch(batch, told)
    return done


#: Event id → the event's name and payload.
Told = Mapping[int, tuple[str, dict[str, Any]]]


def _told(claimed: Sequence[Claimed]) -> Told:
    ids = {run.event_id for run in claimed}
    rows = db.session.execute(
        select(EventRow.id, EventRow.name, EventRow.payload).where(EventRow.id.in_(ids))
    )
    told = {row.id: (row.name, row.payload) for row in rows}
    db.session.rollback()
    return told


def _batches(claimed: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    """Runs of one reaction, no more than it takes at once, in the order of their events."""
    groups: dict[tuple[int, str], list[Claimed]] = {}
    for run in claimed:
        groups.setdefault((run.lane, run.reaction), []).append(run)
    for (_, name), runs in groups.items():
        reaction = reaction_called(name)
        size = TOGETHER if reaction is None or reaction.batch == 1 else reaction.batch
        for at in range(0, len(runs), size):
            yield runs[at : at + size]


class LeaseLost(Exception):
    """Part of a batch was done by another worker."""


def run_batch(runs: Sequence[Claimed], told: Told) -> int:
    """Carry out runs of one reaction in one transaction; if that fails, each in its own. Returns how many were done."""
    reaction = reaction_called(runs[0].reaction)
    if reaction is None:
        for run in runs:
            _record_failure(run, f"no reaction is called {run.reaction}")
        return 0
    try:
        return _carry_out(reaction, runs, told)
    except Exception:
        if len(runs) == 1:
            log.exception("reaction_failed", reaction=reaction.name, event_id=runs[0].event_id)
            _record_failure(runs[0], traceback.format_exc(limit=12))
            return 0
    return sum(run_batch([run], told) for run in runs)


def _carry_out(reaction: Reaction, runs: Sequence[Claimed], told: Told) -> int:
    current = [Event.revived(*told[run.event_id]) for run in runs]
    with in_lane(runs[0].lane):
        prepared = reaction.prepare(current) if reaction.prepare else None
        with transaction():
            held = _mark_done(runs)
            if held != {run.id for run in runs}:
                # Another worker took some after our lease ended; what was prepared no longer fits.
                if len(runs) > 1:
                    raise LeaseLost(reaction.name)
                return 0
            if reaction.batch > 1:
                reaction.function(current, prepared)
            else:
                for event in current:
                    reaction.function(event)
    return len(current)


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
