"""Pytest fixtures for the full set; `tests/conftest.py` imports them.

A test process starts (or is lent) the servers once. Each test gets a copy of a database that already has every table,
an emptied Redis and index names of its own.
"""

import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest
import redis

from tests.servers.full_set import Servers, shared_servers
from tests.servers.redis_server import redis_server

ENGINES = {"embedded": ["embedded"], "full": ["full"], "both": ["embedded", "full"]}


def add_engines_option(parser: pytest.Parser) -> None:
    """`--engines`: which sets of engines the tests of the areas run on."""
    parser.addoption(
        "--engines", choices=list(ENGINES), default="embedded", help="sets of engines to test on"
    )


def parametrize_engines(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses the fixture `engines` once for each set that `--engines` asks for."""
    if "engines" in metafunc.fixturenames:
        chosen = ENGINES[metafunc.config.getoption("--engines")]
        marks = {"embedded": [], "full": [pytest.mark.full]}
        metafunc.parametrize(
            "engines", [pytest.param(name, marks=marks[name]) for name in chosen], indirect=True
        )


@pytest.fixture
def engines(request: pytest.FixtureRequest) -> str:
    """`embedded` or `full`: the set of engines this test runs on."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Elasticsearch."""
    with shared_servers() as started:
        yield started


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of this test process."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def full_template(servers: Servers, make_tables: Callable[[str], None]) -> Iterator[str]:
    """Name of a PostgreSQL database with every table; `make_tables(url)` is the suite's own fixture."""
    name = servers.postgresql.create()
    make_tables(servers.postgresql.url(name))
    yield name
    servers.postgresql.drop(name)


@pytest.fixture
def full_environment(servers: Servers, redis_url: str, full_template: str) -> Iterator[dict[str, str]]:
    """Settings of a full set of this test's own."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    prefix = f"t{secrets.token_hex(6)}"
    with servers.postgresql.database(template=full_template) as database_url:
        yield {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "ELASTICSEARCH_URL": servers.elasticsearch_url,
            "SEARCH_PREFIX": prefix,
        }
    httpx.delete(f"{servers.elasticsearch_url}/{prefix}*", timeout=30).raise_for_status()
