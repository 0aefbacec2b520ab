"""The hot statements walk an index; none reads a whole table or sorts its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from socialcrm.accounts.models import Account
from socialcrm.database import db

from .conftest import Village

HOT = ("FROM posts", "FROM topics", "FROM groups", "FROM group_members", "FROM customers")


@pytest.fixture
def selects(app: Flask) -> list[tuple[str, Any]]:
    """The SELECTs (with parameters) that run while a test asks for pages."""
    found: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT") and any(table in statement for table in HOT):
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    return found


def test_topic_and_group_pages(
    village: Village,
    client_of: Callable[[Account], FlaskClient],
    selects: list[tuple[str, Any]],
) -> None:
    topic = village.topic()
    lina = client_of(village.cast["lina"])
    selects.clear()
    urls = [f"/topics/{topic.id}", f"/topics/{topic.id}?before=99", f"/topics/{topic.id}/posts?after=1"]
    for url in (*urls, f"/groups/{village.group.id}", f"/groups/{village.group.id}?before=1-1"):
        lina.get(url)
    seen = list(selects)
    assert len(seen) >= 10
    bad = []
    for statement, parameters in seen:
        steps = steps_of(statement, parameters)
        if any(reads_a_table_whole(step) for step in steps) or _sorts_much(statement, steps):
            bad.append((statement, steps))
    assert bad == []


def steps_of(statement: str, parameters: Any = ()) -> list[str]:
    """The database's plan, a line a step. PostgreSQL reads small tables whole whatever their indexes; told not to,
    it does so only where no index serves."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def reads_a_table_whole(step: str) -> bool:
    """Whether a step of either database's plan walks over every row."""
    return step.startswith("SCAN") or "Seq Scan" in step


def _sorts_much(statement: str, steps: list[str]) -> bool:
    """The few leaders and moderators of a group are sorted by rank; nothing else is sorted after reading."""
    return "ORDER BY CASE" not in statement and any("TEMP B-TREE FOR ORDER BY" in step for step in steps)


def test_the_check_would_find_a_scan(app: Flask) -> None:
    assert any(reads_a_table_whole(step) for step in steps_of("SELECT * FROM posts WHERE text = 'x'"))
