"""The trends through the API: counts without anybody's text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from socialcrm.database import transaction, utcnow
from socialcrm.days import today
from socialcrm.sentiment.actions import Text, record_opinions
from socialcrm.sentiment.engine import AspectOpinion, Opinion
from socialcrm.sentiment.trends.spikes import find_spikes

from .conftest import Program


def told(days: int, number: int, polarity: str) -> None:
    opinion = Opinion(polarity, 0.1, {"配送": AspectOpinion(polarity, 0.1, [(0, 2)])}, "", 0, 0.0, [], "t")
    at = utcnow() - timedelta(days=days)
    with transaction():
        record_opinions(
            [
                (Text("post", days * 1000 + n, "慢", None, "group", 3, "post", at), opinion)
                for n in range(number)
            ]
        )


def test_counts_by_day_and_aspect(app: Flask, program: Program, drain: Callable[[], int]) -> None:
    told(0, 3, "negative")
    told(8, 2, "positive")
    drain()
    found = program.ok("GET", "/trends")
    assert found["until"] == today().isoformat()
    assert [(item["aspect"], item["negative"], item["positive"]) for item in found["items"]] == [
        ("", 0, 2),
        ("配送", 0, 2),
        ("", 3, 0),
        ("配送", 3, 0),
    ]
    whole = found["items"][2]
    assert (whole["negative_share"], whole["low"] < 0.5, whole["high"]) == (1.0, True, 1.0)
    assert program.ok("GET", "/trends?group_id=4")["items"] == []
    assert len(program.ok("GET", f"/trends?aspect=配送&since={today()}&step=week")["items"]) == 1
    assert program.get("/trends?since=2020-01-01").status_code == 422
    assert program.get("/trends?until=0001-01-01").status_code in (200, 422)


def test_spikes(app: Flask, program: Program, drain: Callable[[], int]) -> None:
    for back in range(40, 0, -1):
        told(back, 2, "negative")
    told(0, 25, "negative")
    drain()
    with transaction():
        find_spikes(today())
    spike = program.ok("GET", "/trends/spikes")["items"][0]
    assert (spike["aspect"], spike["negatives"], spike["method"]) == ("配送", 25, "seasonal")
    assert spike["acknowledged_at"] is None
