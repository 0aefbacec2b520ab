"""The two engines, empty, behind one fixture."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine

from socialcrm.search.documents import Document
from socialcrm.search.engine import Engine
from socialcrm.search.sqlite import SqliteEngine, create_tables
from tests.servers import Servers


@pytest.fixture(scope="session")
def elasticsearch_url(servers: Servers) -> str:
    """A real node's address."""
    return servers.elasticsearch_url


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=pytest.mark.full)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine in turn, holding nothing."""
    if request.param == "sqlite":
        with sqlite_engine(tmp_path) as made:
            yield made
    else:
        with elastic_engine(request.getfixturevalue("elasticsearch_url")) as made:
            yield made


@contextmanager
def sqlite_engine(folder: Path) -> Iterator[SqliteEngine]:
    """An FTS5 engine in a database of its own, all in one transaction."""
    database = create_engine(f"sqlite:///{folder / 'search.db'}")
    with database.begin() as connection:
        create_tables(connection)
        yield SqliteEngine(lambda: connection)
    database.dispose()


@contextmanager
def elastic_engine(url: str) -> Iterator[Engine]:
    """An Elasticsearch engine with an index prefix of its own."""
    from socialcrm.search.elastic import ElasticEngine

    engine = ElasticEngine(url, f"t{secrets.token_hex(6)}")
    yield engine
    engine.close()
    httpx.delete(f"{url}/{engine.prefix}*", timeout=30).raise_for_status()


@pytest.fixture
def put() -> Callable[..., None]:
    """Put documents and make them visible at once."""

    def put_now(engine: Engine, *documents: Document) -> None:
        engine.put(documents, time.time_ns())
        settle(engine)

    return put_now


def settle(engine: Engine) -> None:
    """Elasticsearch shows writes within a second; tests ask it to at once."""
    if not isinstance(engine, SqliteEngine):
        engine.refresh()  # type: ignore[attr-defined]
