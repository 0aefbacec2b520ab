"""Events are rows; reactions run once, in one transaction, and come back after a failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from socialcrm import events
from socialcrm.customers.actions import create_customer
from socialcrm.customers.models import Customer
from socialcrm.database import WriteOutsideTransaction, db, happening_at, transaction, utcnow
from socialcrm.events import EventRow, ReactionRun, announce, drain


@dataclass(frozen=True)
class CupFilled(events.Event):
    cup: int


done: list[object] = []


@events.reacts_to(CupFilled)
def note_cup(event: CupFilled) -> None:
    if event.cup < 0:
        raise ValueError("a cup cannot be negative")
    done.append(event.cup)


@events.reacts_to(CupFilled, batch=10, prepare=lambda cups: [c.cup * 2 for c in cups])
def note_doubles(cups: list[CupFilled], doubles: list[int]) -> None:
    if any(c.cup == 13 for c in cups):
        raise ValueError("unlucky")
    done.append(doubles)


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
    claimed = events.claim(10)
    with transaction():
        db.session.execute(update(ReactionRun).values(state="done"))
    assert sum(events._run_group(run.reaction, [run]) for run in claimed) == 0
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
