"""Rows as a released version left them: taken from the demo once, put into tables of that version by the upgrade test.

    script/upgrade-fixture        # writes tests/migrations/filled_0001.json from today's demo

A version's file is made when it is released, and then stays. It holds only columns which that version had, some rows of
every table with all that they refer to, and for the few tables which the demo leaves empty one row made up by type.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    Table,
    select,
    text,
)

from socialcrm import create_app
from socialcrm.database import db
from tests.conftest import embedded_config

FOLDER = Path(__file__).parent
RELEASED = "0001"
#: Rows taken from each end of a table.
ENDS = 4
#: Made whole for every row taken: (table, its column, table of the parts, their column).
WHOLE = (
    ("ledger_transactions", "id", "ledger_entries", "transaction_id"),
    ("topics", "first_post_id", "posts", "id"),
    ("topics", "last_post_id", "posts", "id"),
    ("ledger_entries", "transaction_id", "ledger_entries", "transaction_id"),
)
LEFT_OUT = ("alembic_version", "search_fts")

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def filled(revision: str) -> Rows:
    """Table → rows of a released version, as its file holds them."""
    rows: Rows = json.loads((FOLDER / f"filled_{revision}.json").read_text(encoding="utf-8"))
    return rows


def tables_of(connection: Connection) -> MetaData:
    """The tables that are there, without the search index and Alembic's own."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(LEFT_OUT))
    return metadata


def fill(connection: Connection, rows: Mapping[str, list[Row]]) -> None:
    """Insert rows into the tables that are there, and let sequences go on after them."""
    for table in tables_of(connection).sorted_tables:
        if not rows.get(table.name):
            continue
        connection.execute(table.insert(), [_typed(table, row) for row in rows[table.name]])
        if connection.dialect.name == "postgresql" and "id" in table.c:
            place = f"pg_get_serial_sequence('{table.name}', 'id')"
            connection.execute(text(f"SELECT setval({place}, max(id)) FROM {table.name}"))


def _typed(table: Table, row: Row) -> Row:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if kind.timezone else at
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def main() -> None:
    """Write the file from the demo of this version."""
    with tempfile.TemporaryDirectory() as scratch:
        released = create_app(embedded_config(_folder(scratch, "released")))
        with released.app_context():
            upgrade(revision=RELEASED)
            with db.engine.connect() as connection:
                wanted = tables_of(connection)
        os.environ.update(DATA_DIR=str(_folder(scratch, "demo")), SECRET_KEY="x" * 40)
        from socialcrm.commands.seed import seed

        with create_app().app_context():
            upgrade()
            seed.main(args=[], standalone_mode=False)
            with db.engine.connect() as connection:
                rows = _sample(connection, wanted)
    lines = [f"{json.dumps(name)}: {_listed(some)}" for name, some in sorted(rows.items())]
    path = FOLDER / f"filled_{RELEASED}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _folder(scratch: str, name: str) -> Path:
    folder = Path(scratch) / name
    folder.mkdir()
    return folder


def _listed(rows: list[Row]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False, default=_plain) for row in rows) + "\n]"


def _plain(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def _sample(connection: Connection, wanted: MetaData) -> Rows:
    """Some rows of every table, and every row they need."""
    taken: dict[str, dict[tuple[Any, ...], Row]] = {table.name: {} for table in wanted.sorted_tables}
    waiting: list[tuple[Table, Row]] = []

    def take(table: Table, rows: Iterator[Any] | list[Any]) -> None:
        for row in map(dict, rows):
            key = tuple(row[column.name] for column in table.primary_key)
            if key not in taken[table.name]:
                taken[table.name][key] = row
                waiting.append((table, row))

    for table in wanted.sorted_tables:
        keys = list(table.primary_key)
        for order in (keys, [key.desc() for key in keys]):
            take(table, connection.execute(select(table).order_by(*order).limit(ENDS)).mappings().all())
    accounts = wanted.tables["accounts"]
    take(accounts, connection.execute(select(accounts).where(accounts.c.role != "customer")).mappings().all())
    while waiting:
        table, row = waiting.pop()
        for other, column, value in _needs(table, row):
            if value is not None:
                target = wanted.tables[other]
                found = connection.execute(select(target).where(target.c[column] == value))
                take(target, found.mappings().all())
    for table in wanted.sorted_tables:
        if not taken[table.name]:
            row = _made_up(table, taken)
            taken[table.name][tuple(row[column.name] for column in table.primary_key)] = row
    return {
        name: [row for _, row in sorted(rows.items(), key=lambda item: tuple(map(str, _sortable(item[0]))))]
        for name, rows in taken.items()
    }


def _sortable(key: tuple[Any, ...]) -> Iterator[Any]:
    """Numbers in their order, so that a row stands after the one of its own table that it refers to."""
    return (f"{part:012d}" if isinstance(part, int) else part for part in key)


def _needs(table: Table, row: Row) -> Iterator[tuple[str, str, Any]]:
    for constraint in table.foreign_key_constraints:
        for key in constraint.elements:
            yield key.column.table.name, key.column.name, row[key.parent.name]
    for name, column, other, theirs in WHOLE:
        if name == table.name:
            yield other, theirs, row[column]


def _made_up(table: Table, taken: Mapping[str, Mapping[tuple[Any, ...], Row]]) -> Row:
    row: Row = {}
    for column in table.columns:
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            there = next(iter(taken[target.table.name].values()), None)
            row[column.name] = None if there is None or column.nullable else there[target.name]
        else:
            row[column.name] = None if column.nullable else MADE_UP.get(str(column), _example(column.type))
    return row


#: Where any word will not do.
MADE_UP: dict[str, Any] = {
    "reports.state": "open",
    "reaction_runs.state": "done",
    "events.name": "CustomerCreated",
    "opinion_corrections.what": "polarity",
    "opinion_corrections.value": "negative",
    "staff_invitations.role": "agent",
    "webhook_endpoints.url": "https://example.com/hook",
    "import_runs.kind": "orders",
    "import_uploads.kind": "orders",
    "import_uploads.state": "done",
}


def _example(kind: Any) -> Any:
    moment = datetime(2026, 10, 1, 8, 30)  # naive, as SQLite keeps it
    for of, value in (
        (JSON, {}),
        (Boolean, False),
        (DateTime, moment),
        (Date, moment.date()),
        (LargeBinary, b"x"),
    ):
        if isinstance(kind, of):
            return value
    return "x" if isinstance(kind, String) else 1


if __name__ == "__main__":
    main()
