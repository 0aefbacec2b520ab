"""The database session, and `transaction()`: the only place that commits.

A request reads in a plain transaction. What writes does so inside `with transaction():`, opened at an edge
(view, API handler, socket handler, reaction, command) after slow work is done. On SQLite it begins with
BEGIN IMMEDIATE, so that two writers queue instead of failing; nested uses join the outermost.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Engine, Integer, MetaData, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, SessionTransaction, registry
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC on both databases; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: 64-bit on PostgreSQL; SQLite's own 64-bit INTEGER, which alone may autoincrement there.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Declarative base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={int: BigId, datetime: UtcDateTime(), dict[str, Any]: JSON, list[Any]: JSON},
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def utcnow() -> datetime:
    """The current time, aware, in UTC; inside `happening_at(moment)` that moment."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def happening_at(moment: datetime) -> Iterator[None]:
    """Tell a past: what is done inside is dated `moment` (the demo brand; never a request or a reaction)."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)


class _Unit:
    """One outermost transaction, what is written in its last moment, and what happens once it is committed."""

    def __init__(self) -> None:
        self.held: list[tuple[Callable[[list[Any]], None], Any]] = []
        self.afterwards: list[Callable[[], None]] = []
        #: Savepoint → how much was held, and was to follow, when it began.
        self.savepoints: dict[SessionTransaction, tuple[int, int]] = {}

    def write_held(self) -> None:
        """Hand each writer all that was held for it."""
        held, self.held = self.held, []
        for write in dict.fromkeys(write for write, _ in held):
            write([item for each, item in held if each is write])


def telling_a_past() -> bool:
    """Whether `happening_at` is in force: nobody is to be hinted or written to about what is long over."""
    return _told.get() is not None


_unit: ContextVar[_Unit | None] = ContextVar("unit", default=None)


class WriteOutsideTransaction(RuntimeError):
    """Something was written without `with transaction():` around it."""


@contextmanager
def transaction() -> Iterator[None]:
    """One writing transaction: commits at the end, rolls back on any exception, joins an outer one.

    Ends the read transaction that preceded it, so what is read inside is fresh and locked on SQLite.
    What `after_commit` collected runs after the outermost commit, best effort.
    """
    if _unit.get() is not None:
        yield
        return
    db.session.rollback()
    unit = _Unit()
    token = _unit.set(unit)
    try:
        yield
        unit.write_held()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _unit.reset(token)
    for call in unit.afterwards:
        call()


@contextmanager
def step_of_long_work() -> Iterator[None]:
    """One transaction of many in a row; after a long one whoever waits for SQLite's single writer lock gets it.

    SQLite's busy handler looks again at most every 100 ms; a loop that begins anew at once would take the lock each time.
    """
    began = time.monotonic()
    with transaction():
        yield
    if db.engine.dialect.name == "sqlite" and time.monotonic() - began > 0.05:
        time.sleep(0.12)


def _open_unit() -> _Unit:
    unit = _unit.get()
    if unit is None:
        raise WriteOutsideTransaction("this needs transaction() around it")
    return unit


def at_commit(write: Callable[[list[Any]], None], item: Any) -> None:
    """Give `item`, with all others held for `write`, to it just before the outermost commit, in the transaction."""
    _open_unit().held.append((write, item))


def after_commit(call: Callable[[], None]) -> None:
    """Run `call` after the outermost commit; it never runs when the transaction rolls back."""
    _open_unit().afterwards.append(call)


@event.listens_for(Session, "after_transaction_create")
def _begin_savepoint(_: Session, begun: SessionTransaction) -> None:
    unit = _unit.get()
    if unit is not None and begun.nested:
        unit.savepoints[begun] = len(unit.held), len(unit.afterwards)


@event.listens_for(Session, "after_soft_rollback")
def _forget_since_savepoint(_: Session, undone: SessionTransaction) -> None:
    """What was announced inside a savepoint that is rolled back has not happened."""
    unit = _unit.get()
    if unit is not None and undone in unit.savepoints:
        held, afterwards = unit.savepoints.pop(undone)
        del unit.held[held:], unit.afterwards[afterwards:]


@event.listens_for(Session, "before_flush")
def _refuse_stray_flush(session: Session, *_: object) -> None:
    if _unit.get() is None and (session.new or session.dirty or session.deleted) and _really_changed(session):
        raise WriteOutsideTransaction("flush outside transaction()")


def _really_changed(session: Session) -> bool:
    return bool(session.new or session.deleted) or any(session.is_modified(item) for item in session.dirty)


@event.listens_for(Session, "do_orm_execute")
def _refuse_stray_statement(state: ORMExecuteState) -> None:
    if _unit.get() is None and (state.is_insert or state.is_update or state.is_delete):
        raise WriteOutsideTransaction("write statement outside transaction()")


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # pysqlite's own implicit BEGIN comes too late for consistent reads; `begin` below sends ours.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _unit.get() is not None else "BEGIN")
