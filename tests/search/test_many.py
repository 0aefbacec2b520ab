"""When more answer than one selection holds, an older title still comes before newer passing mentions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from socialcrm.search.documents import PUBLIC, Document, Viewer
from socialcrm.search.engine import POOL, Engine
from socialcrm.search.queries import search_with

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_an_old_title_is_not_pushed_out_by_newer_mentions(engine: Engine, put: Callable[..., None]) -> None:
    old = Document("topic", 1, "漏水", "", "/topics/1", PUBLIC, AT)
    newer = [
        Document("topic", 2 + n, "闲聊", "说到漏水", f"/topics/{2 + n}", PUBLIC, AT + timedelta(hours=n + 1))
        for n in range(POOL + 5)
    ]
    put(engine, old, *newer)
    hits = search_with(engine, "漏水", Viewer(), limit=POOL + 1).hits
    assert hits[0].id == 1
    assert len({hit.id for hit in hits}) == len(hits) == POOL + 1
