"""How long the figures of the listening desk take with a million posts behind them.

    python -m benchmarks.trend_pages [--posts 1000000] [--groups 100]

The read models and the opinions are filled as that many posts of two years leave them: 3 in 4 posts in the last year,
12 aspects, 15 terms a text in the last nine weeks. Then each query of the pages is timed, median of five.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.table import show
from socialcrm import create_app
from socialcrm.database import db, transaction, utcnow
from socialcrm.days import today
from socialcrm.sentiment.models import OpinionAspect, OpinionRow
from socialcrm.sentiment.trends.actions import TERM_WEEKS, recount_as_heard
from socialcrm.sentiment.trends.days import Range, week_of
from socialcrm.sentiment.trends.models import TermWeek, TextTerm, TrendDay
from socialcrm.sentiment.trends.queries import (
    Scope,
    Wanted,
    figures_by,
    figures_of,
    terms_of_week,
    texts_page,
)
from socialcrm.sentiment.trends.spikes import bursts_on
from tests.conftest import embedded_config

ASPECTS = ("配送", "包装", "质量", "口味", "价格", "客服", "退换", "排队", "环境", "真伪", "使用体验", "活动")
POLARITIES = ("negative", "neutral", "positive", "unsure")
DAYS, TERMS_A_TEXT, VOCABULARY = 730, 15, 60_000
CHUNK = 20_000


def in_chunks(rows: Iterator[dict[str, Any]], model: type[Any]) -> int:
    """Insert rows in transactions of their own; returns how many."""
    total = 0
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            total += _insert(chunk, model)
            chunk = []
    return total + _insert(chunk, model)


def _insert(chunk: list[dict[str, Any]], model: type[Any]) -> int:
    if chunk:
        with transaction():
            db.session.execute(insert(model.__table__), chunk)
    return len(chunk)


def opinions(rng: random.Random, posts: int, groups: int) -> Iterator[dict[str, Any]]:
    """Opinions on posts; the newer the denser."""
    now = utcnow()
    for number in range(1, posts + 1):
        at = now - timedelta(days=DAYS * rng.random() ** 2, seconds=rng.randrange(86_400))
        yield {
            "id": number,
            "subject": "post",
            "subject_id": number,
            "place": "group",
            "place_id": 1 + int(groups * rng.random() ** 2),
            "channel": "post",
            "polarity": rng.choice(POLARITIES),
            "probability": 0.5,
            "complaint": 0.0,
            "urgency": 0,
            "emotion": "",
            "answer": {},
            "model_version": "benchmark",
            "at": at,
            "scored_at": at,
        }


def aspects(rng: random.Random) -> Iterator[dict[str, Any]]:
    """An aspect on every second opinion."""
    for row in db.session.execute(
        OpinionRow.__table__.select().with_only_columns(OpinionRow.id, OpinionRow.at)
    ).all():
        if row.id % 2:
            yield {
                "opinion_id": row.id,
                "aspect": rng.choice(ASPECTS),
                "polarity": rng.choice(POLARITIES),
                "probability": 0.5,
                "at": row.at,
            }


def trend_days(rng: random.Random, groups: int) -> Iterator[dict[str, Any]]:
    """Counts of every group, aspect and day of the two years."""
    for back in range(DAYS):
        day = today() - timedelta(days=back)
        for group_id in range(groups + 1):
            for aspect in ("", *ASPECTS):
                counts = {name: rng.randrange(9) for name in POLARITIES}
                yield {
                    "group_id": group_id,
                    "product_id": 0,
                    "day": day,
                    "channel": "post",
                    "aspect": aspect,
                } | counts


def term_weeks(rng: random.Random, groups: int) -> Iterator[dict[str, Any]]:
    """Terms of nine weeks for the whole brand, Zipf-like, and a tenth of them for each tenth group."""
    for back in range(TERM_WEEKS):
        week = week_of(today()) - timedelta(weeks=back)
        for group_id in (0, *range(1, groups + 1, 10)):
            for rank in range(1, (VOCABULARY if group_id == 0 else VOCABULARY // 10) + 1):
                texts = max(1, int(8_000 / rank * rng.uniform(0.6, 1.4)))
                parts = {"negative": texts // 3, "neutral": texts // 3, "positive": texts - 2 * (texts // 3)}
                yield {
                    "week": week,
                    "group_id": group_id,
                    "term": f"词{rank}",
                    "texts": texts,
                    "unsure": 0,
                } | parts


def text_terms(rng: random.Random) -> Iterator[dict[str, Any]]:
    """The terms of the texts of the last nine weeks."""
    since = utcnow() - timedelta(weeks=TERM_WEEKS)
    query = (
        OpinionRow.__table__.select()
        .with_only_columns(OpinionRow.id, OpinionRow.at)
        .where(OpinionRow.at >= since)
    )
    for row in db.session.execute(query).all():
        for rank in {int(VOCABULARY ** rng.random()) for _ in range(TERMS_A_TEXT)}:
            yield {"opinion_id": row.id, "term": f"词{rank}", "at": row.at}


def timed(ask: Callable[[], object]) -> str:
    """Median milliseconds of five."""
    took = []
    for _ in range(5):
        db.session.rollback()
        db.session.expunge_all()
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return f"{1000 * statistics.median(took):.0f} ms"


def a_batch() -> None:
    """Counting 64 texts."""
    with transaction():
        recount_as_heard(list(range(1, 65)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=100)
    given = parser.parse_args()
    rng = random.Random(20261122)
    with tempfile.TemporaryDirectory(prefix="socialcrm-bench-") as folder:
        app = create_app(embedded_config(Path(folder)))
        with app.app_context():
            db.create_all()
            sizes = {
                "opinions": in_chunks(opinions(rng, given.posts, given.groups), OpinionRow),
                "opinion_aspects": in_chunks(aspects(rng), OpinionAspect),
                "trend_days": in_chunks(trend_days(rng, given.groups), TrendDay),
                "term_weeks": in_chunks(term_weeks(rng, given.groups), TermWeek),
                "text_terms": in_chunks(text_terms(rng), TextTerm),
            }
            with transaction():
                db.session.execute(db.text("ANALYZE"))
            now = utcnow()
            span, month = Range.ending(today(), 180), (now - timedelta(days=30), now)
            asked: dict[str, Callable[[], object]] = {
                "overview, whole brand, 90 days": lambda: figures_of(Scope(), span),
                "overview, one group, 90 days": lambda: figures_of(Scope(7), span),
                "aspect by group, 90 days": lambda: figures_by("group_id", Scope(), span, "配送"),
                "rising phrases, whole brand": lambda: terms_of_week(today()),
                "rising phrases, one group": lambda: terms_of_week(today(), 1),
                "texts, all": lambda: texts_page(Wanted(*month), chats=True),
                "texts, negative about 配送": lambda: texts_page(
                    Wanted(*month, polarity="negative", aspect="配送"), chats=True
                ),
                "texts, one group's about 配送": lambda: texts_page(
                    Wanted(*month, polarity="negative", aspect="配送", group_id=7), chats=True
                ),
                "texts with a frequent term": lambda: texts_page(Wanted(*month, term="词5"), chats=True),
                "spikes of a day (hourly job)": lambda: bursts_on(today()),
                "counting 64 texts": a_batch,
            }
            rows = [(f"rows of {name}", f"{size:,}", "") for name, size in sizes.items()]
            rows += [(name, timed(ask), "") for name, ask in asked.items()]
            db.session.remove()
            db.engine.dispose()
    show(f"{given.posts:,} posts in {given.groups} groups, SQLite", rows)


if __name__ == "__main__":
    main()
