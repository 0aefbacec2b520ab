"""A rebuild replaces the index while it answers and accepts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from socialcrm.search.documents import PUBLIC, Document, Viewer
from socialcrm.search.engine import Engine
from socialcrm.search.queries import search_with
from tests.search.conftest import elastic_engine, settle

AT = datetime(2026, 11, 1, tzinfo=UTC)


def topic(number: int, title: str) -> Document:
    return Document("topic", number, title, "", f"/topics/{number}", PUBLIC, AT)


def found(engine: Engine, text: str) -> list[int]:
    settle(engine)
    return [hit.id for hit in search_with(engine, text, Viewer()).hits]


def test_the_index_answers_during_a_rebuild_and_forgets_what_is_not_there_any_more(
    engine: Engine, put: Callable[..., None]
) -> None:
    put(engine, topic(1, "漏水"), topic(2, "漏水"))
    engine.begin_rebuild()
    assert found(engine, "漏水") == [1, 2]
    engine.put_rebuilt([topic(2, "漏水")], time.time_ns())
    assert 2 in found(engine, "漏水")
    engine.finish_rebuild()
    assert found(engine, "漏水") == [2]
    assert engine.count() == 1


def test_what_is_written_meanwhile_is_kept(engine: Engine, put: Callable[..., None]) -> None:
    put(engine, topic(1, "漏水"), topic(2, "漏水"), topic(3, "漏水"))
    engine.begin_rebuild()
    read_at = time.time_ns()
    put(engine, topic(1, "修好了"), topic(4, "漏水"))
    engine.remove(["topic:3"], time.time_ns())
    engine.put_rebuilt([topic(2, "漏水")], read_at)
    assert found(engine, "修好") == [1]
    engine.finish_rebuild()
    assert found(engine, "修好") == [1]
    assert found(engine, "漏水") == [2, 4]


def test_an_abandoned_rebuild_changes_nothing_and_the_next_one_completes(
    engine: Engine, put: Callable[..., None]
) -> None:
    put(engine, topic(1, "漏水"), topic(2, "漏水"))
    engine.begin_rebuild()
    engine.put_rebuilt([topic(1, "漏水")], time.time_ns())
    assert found(engine, "漏水") == [1, 2]
    engine.begin_rebuild()
    engine.put_rebuilt([topic(1, "漏水"), topic(2, "漏水")], time.time_ns())
    engine.finish_rebuild()
    assert found(engine, "漏水") == [1, 2]


@pytest.mark.full
def test_a_rebuild_never_overwrites_or_revives_what_was_read_later(
    elasticsearch_url: str, put: Callable[..., None]
) -> None:
    with elastic_engine(elasticsearch_url) as engine:
        put(engine, topic(1, "漏水"), topic(2, "漏水"))
        engine.begin_rebuild()
        read_at = time.time_ns()
        put(engine, topic(1, "修好了"))
        engine.remove(["topic:2"], time.time_ns())
        engine.put_rebuilt([topic(1, "漏水"), topic(2, "漏水")], read_at)
        engine.finish_rebuild()
        assert found(engine, "漏水") == []
        assert found(engine, "修好") == [1]


@pytest.mark.full
def test_of_two_rebuilds_the_later_one_wins(elasticsearch_url: str, put: Callable[..., None]) -> None:
    from socialcrm.search.elastic import ElasticEngine, RebuildOvertaken

    with elastic_engine(elasticsearch_url) as first:
        put(first, topic(1, "漏水"))
        first.begin_rebuild()
        second = ElasticEngine(elasticsearch_url, first.prefix)
        second.begin_rebuild()
        second.put_rebuilt([topic(1, "漏水")], time.time_ns())
        with pytest.raises(RebuildOvertaken):
            first.finish_rebuild()
        second.finish_rebuild()
        second.close()
        assert found(first, "漏水") == [1]


@pytest.mark.full
def test_an_unreachable_server_is_named() -> None:
    from socialcrm.search.elastic import ElasticEngine
    from socialcrm.search.engine import SearchUnavailable

    engine = ElasticEngine("http://127.0.0.1:9", "t")
    with pytest.raises(SearchUnavailable):
        search_with(engine, "咖啡", Viewer())
    with pytest.raises(SearchUnavailable):
        engine.put([topic(1, "漏水")], time.time_ns())
    engine.close()
