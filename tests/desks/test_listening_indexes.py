"""The hot statements of the listening desk walk an index: none reads a whole table, and the lists sort nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from socialcrm.database import db, transaction, utcnow
from socialcrm.days import today
from socialcrm.sentiment.trends.actions import recount
from socialcrm.sentiment.trends.days import Range
from socialcrm.sentiment.trends.hearing import Heard
from socialcrm.sentiment.trends.queries import (
    Scope,
    Wanted,
    figures_by,
    figures_of,
    terms_of_week,
    texts_page,
)
from socialcrm.sentiment.trends.spikes import bursts_on, spikes_since
from tests.community.test_indexes import reads_a_table_whole, steps_of

NOW = utcnow()
SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=1)
KEY = (NOW, 5)
LISTS = {
    "all": Wanted(SINCE, UNTIL),
    "negative": Wanted(SINCE, UNTIL, polarity="negative"),
    "group": Wanted(SINCE, UNTIL, group_id=1),
    "group, aspect": Wanted(SINCE, UNTIL, group_id=1, aspect="配送", polarity="negative"),
    "aspect": Wanted(SINCE, UNTIL, aspect="配送", polarity="negative"),
    "product": Wanted(SINCE, UNTIL, product_id=1, polarity="negative"),
    "term": Wanted(SINCE, UNTIL, term="快递", group_id=1),
}


@pytest.fixture
def selects(app: Flask) -> list[tuple[str, Any]]:
    """The SELECTs (with parameters) that run while a test asks."""
    found: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    return found


def plans(selects: list[tuple[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(statement, steps_of(statement, parameters)) for statement, parameters in list(selects)]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("before", [None, KEY], ids=["first page", "next page"])
def test_lists_of_texts(selects: list[tuple[str, Any]], name: str, before: Any) -> None:
    texts_page(LISTS[name], chats=True, before=before)
    found = plans(selects)
    assert found
    for statement, steps in found:
        assert not any(reads_a_table_whole(step) for step in steps), (statement, steps)
        sorting = [step for step in steps if "TEMP B-TREE" in step or step.strip().startswith("Sort ")]
        assert not [step for step in sorting if "LAST TERM" not in step], (statement, steps)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: figures_of(Scope(), Range.ending(today(), 180)),
        lambda: figures_of(Scope(3, 2, "post"), Range.ending(today(), 180), "配送"),
        lambda: figures_by("group_id", Scope(), Range.ending(today(), 180), "配送"),
        lambda: figures_by("product_id", Scope(3), Range.ending(today(), 180), "配送"),
        lambda: figures_by("channel", Scope(3), Range.ending(today(), 180), "配送"),
        lambda: terms_of_week(today(), 3),
        lambda: bursts_on(today()),
        lambda: spikes_since(today()),
    ],
    ids=["brand", "scope", "groups", "products", "channels", "terms", "bursts", "spikes"],
)
def test_figures(selects: list[tuple[str, Any]], ask: Callable[[], object]) -> None:
    ask()
    found = plans(selects)
    assert found
    for statement, steps in found:
        # The subquery of the most frequent terms is read whole: it is bounded by its own limit.
        whole = [s for s in steps if reads_a_table_whole(s) and s not in ("SCAN anon_1",)]
        assert not whole, (statement, steps)


def test_counting_a_batch(selects: list[tuple[str, Any]]) -> None:
    with transaction():
        recount([Heard(number) for number in range(1, 65)])
    for statement, steps in plans(selects):
        assert not any(reads_a_table_whole(step) for step in steps), (statement, steps)
