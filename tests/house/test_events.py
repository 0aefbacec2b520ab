"""Events are rows; reactions run once, in one transaction, and come back after a failure."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from socialcrm import events, reacting
from socialcrm.customers.actions import create_customer
from socialcrm.customers.models import Customer
from socialcrm.database import WriteOutsideTransaction, after_commit, db, happening_at, transaction, utcnow
from socialcrm.events import EventRow, ReactionRun, announce
from socialcrm.reacting import drain


@dataclass(frozen=True)
class CupFilled(events.Event):
    cup: int


@dataclass(frozen=True)
class BellRung(events.Event):
    number: int


done: list[object] = []
#: Cup → what happens while the worker is at it.
asides: dict[int, Callable[[], None]] = {}


@events.reacts_to(CupFilled)
def note_cup(event: CupFilled) -> None:
    if event.cup < 0:
        raise ValueError("a cup cannot be negative")
    done.append(event.cup)
    asides.get(event.cup, lambda: None)()


@events.reacts_to(CupFilled, batch=10, prepare=lambda cups: [c.cup * 2 for c in cups])
def note_doubles(cups: list[CupFilled], doubles: list[int]) -> None:
    if any(c.cup == 13 for c in cups):
        raise ValueError("unlucky")
    done.append(doubles)


@events.reacts_to(BellRung, lane=events.LIVE)
def note_bell(event: BellRung) -> None:
    done.append(f"bell {event.number}")


@pytest.fixture(autouse=True)
def _empty() -> None:
    done.clear()


def test_reactions_run_once_and_in_batches(app: Flask) -> None:
    with transaction():
        for cup in (1, 2, 3):
            announce(CupFilled(cup))
    assert drain() == 6
    assert done == [1, 2, 3, [2, 4, 6]]
    assert drain() == 0


def test_a_rolled_back_transaction_announces_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        announce(CupFilled(1))
        raise RuntimeError
    assert db.session.scalar(select(EventRow.id)) is None


def test_a_savepoint_that_is_rolled_back_announces_nothing(app: Flask) -> None:
    hinted: list[int] = []
    with transaction():
        announce(CupFilled(1))
        with contextlib.suppress(RuntimeError), db.session.begin_nested():
            announce(CupFilled(2))
            after_commit(lambda: hinted.append(2))
            raise RuntimeError
        with db.session.begin_nested():
            announce(CupFilled(3))
    payloads = list(db.session.scalars(select(EventRow.payload).order_by(EventRow.id)))
    assert (payloads, hinted) == ([{"cup": 1}, {"cup": 3}], [])


def test_an_event_that_this_version_does_not_know_fails_alone(app: Flask) -> None:
    with transaction():
        for cup in (1, 2):
            announce(CupFilled(cup))
    with transaction():
        first = db.session.scalars(select(EventRow.id).order_by(EventRow.id)).first()
        db.session.execute(update(EventRow).where(EventRow.id == first).values(name="CupBroken"))
    drain()
    assert done == [2, [4]]
    errors = list(db.session.scalars(select(ReactionRun.error).where(ReactionRun.event_id == first)))
    assert len(errors) == 2 and all("CupBroken" in str(error) for error in errors)


def test_a_failure_is_recorded_and_retried_later(app: Flask) -> None:
    with transaction():
        announce(CupFilled(-1))
    drain()
    run = db.session.scalars(select(ReactionRun).where(ReactionRun.state == "pending")).one()
    assert run.attempts == 1 and run.due_at > utcnow() and "negative" in (run.error or "")
    assert done == [[-2]]


def test_one_bad_event_does_not_hold_back_its_batch(app: Flask) -> None:
    with transaction():
        for cup in (5, 13, 6):
            announce(CupFilled(cup))
    drain()
    assert done == [5, 13, 6, [10], [12]]


def test_a_run_that_was_done_elsewhere_is_not_done_again(app: Flask) -> None:
    with transaction():
        announce(CupFilled(7))
    claimed = reacting.claim(10)
    with transaction():
        db.session.execute(update(ReactionRun).values(state="done"))
    told = {run.event_id: ("CupFilled", {"cup": 7}) for run in claimed}
    assert sum(reacting.run_batch([run], told) for run in claimed) == 0
    assert done == []


def test_writing_outside_a_transaction_is_refused(app: Flask) -> None:
    db.session.add(Customer(display_name="x", source="test", created_at=utcnow(), bio=""))
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()
    db.session.rollback()


def test_what_waits_for_nobody_goes_last(app: Flask) -> None:
    with transaction(), events.bulk_work():
        announce(CupFilled(100))
    with transaction():
        announce(CupFilled(1))
    drain(limit=2, rounds=1)
    assert done == [1, [2]]


def test_what_somebody_waits_for_goes_ahead_in_the_middle_of_the_rest(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reacting, "TOGETHER", 1)
    with transaction(), events.bulk_work():
        for cup in (1, 2, 3):
            announce(CupFilled(cup))

    def somebody_rings() -> None:
        with events.in_lane(events.LIVE):
            announce(BellRung(9))

    monkeypatch.setitem(asides, 1, somebody_rings)
    drain()
    assert done == [1, "bell 9", 2, 3, [2, 4, 6]]


def test_creating_a_customer_announces_it(app: Flask) -> None:
    with transaction():
        customer = create_customer("  李  娜 ", source="test")
    assert customer.display_name == "李 娜"
    assert db.session.scalars(select(EventRow.name)).all() == ["CustomerCreated"]


def test_a_told_past_is_dated_and_reacts_at_once(app: Flask) -> None:
    moment = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with happening_at(moment), transaction(), events.reacting_at_once():
        announce(CupFilled(7))
        assert done == []
        assert utcnow() == moment
    assert done == [7, [14]]
    assert utcnow() > moment
    assert drain() == 0


def test_what_fails_in_a_told_past_rolls_back(app: Flask) -> None:
    with pytest.raises(ValueError, match="negative"), transaction(), events.reacting_at_once():
        create_customer("没有人", source="community")
        announce(CupFilled(-1))
    assert db.session.scalar(select(Customer.id)) is None
