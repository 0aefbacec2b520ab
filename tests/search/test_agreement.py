"""The two engines answer the shared set of 50 queries alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from socialcrm.search.documents import Viewer
from socialcrm.search.engine import Engine
from socialcrm.search.queries import search_with
from tests.search.conftest import elastic_engine, sqlite_engine
from tests.search.corpus import CLOSED, COFFEE, LIFE, QUERIES, documents

VIEWERS = {
    "guest": Viewer(),
    "member": Viewer(frozenset({COFFEE, LIFE})),
    "platinum": Viewer(frozenset({COFFEE, LIFE, CLOSED})),
    "staff": Viewer(staff=True, every_group=True),
}


def first_ten(engine: Engine, text: str, viewer: Viewer) -> list[str]:
    return [f"{hit.kind}:{hit.id}" for hit in search_with(engine, text, viewer, limit=10).hits]


@pytest.mark.full
def test_both_engines_give_the_same_first_result_and_eight_of_ten(
    tmp_path: Path, elasticsearch_url: str, put: Callable[..., None]
) -> None:
    assert len(QUERIES) == 50
    with sqlite_engine(tmp_path) as fts, elastic_engine(elasticsearch_url) as elastic:
        put(fts, *documents())
        put(elastic, *documents())
        for text in QUERIES:
            for name, viewer in VIEWERS.items():
                here, there = first_ten(fts, text, viewer), first_ten(elastic, text, viewer)
                assert here[:1] == there[:1], (text, name)
                assert len(set(here) & set(there)) >= 0.8 * max(len(here), len(there)), (text, name)


def test_every_query_of_the_set_is_answered(engine: Engine, put: Callable[..., None]) -> None:
    put(engine, *documents())
    assert [text for text in QUERIES if not first_ten(engine, text, VIEWERS["platinum"])] == []
