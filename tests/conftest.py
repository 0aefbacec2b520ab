"""Fixtures every test shares: an app, the cast, clients, and a drained queue.

What uses `app` runs on the embedded set, or on the one or both that `--engines` names (`script/test`: both).
"""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine

from socialcrm import create_app
from socialcrm.accounts.models import Account
from socialcrm.config import Config
from socialcrm.database import db
from socialcrm.settings import forget_cache
from worker.schedule import work_through

from . import factories
from .servers import Servers
from .servers.fixtures import (
    add_engines_option,
    engines,
    full_environment,
    full_template,
    parametrize_engines,
    redis_url,
    servers,
)

__all__ = ["engines", "full_environment", "full_template", "redis_url", "servers"]


# An example that takes long on a busy machine is no failure; the whole test's timeout is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

#: Chromium as apt installs it; found by name so that other systems' packages work too.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Start the system's Chromium instead of one that Playwright would download."""
    path = next(found for found in map(shutil.which, CHROMIUM) if found)
    return browser_type_launch_args | {"executable_path": path, "args": CHROMIUM_FLAGS.split()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """The browser of a person who reads Chinese, as most who use the product."""
    return browser_context_args | {"locale": "zh-CN"}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Pages are named by their whole address. (pytest-base-url's own fixture is declared in a way pytest 9 warns of.)"""
    return ""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_engines_option(parser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize_engines(metafunc)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later collection of garbage: looking through it took a sixth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def embedded_config(folder: Path) -> Config:
    """A fast test configuration on SQLite in `folder`."""
    return Config(
        data_dir=folder,
        secret_key="a test secret that is long enough to be one",
        database_url=f"sqlite:///{folder / 'socialcrm.db'}",
        environment="test",
        rate_limits=False,
    )


def full_config(folder: Path, environment: dict[str, str]) -> Config:
    """A test configuration of the full set; files lie in `folder`."""
    given = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "a test secret that is long enough to be one",
        "SOCIALCRM_ENV": "test",
        "RATE_LIMITS": "off",
    }
    return Config.from_env(given | environment)


def make_every_table(config: Config) -> None:
    """Make the tables in an empty database and let go of it."""
    with create_app(config).app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    make_every_table(embedded_config(folder))
    return folder / "socialcrm.db"


@pytest.fixture(scope="session")
def cast_database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `empty_database`, with the cast in it: making seven accounts was half of many a test."""
    folder = tmp_path_factory.mktemp("cast")
    shutil.copy(empty_database, folder / "socialcrm.db")
    with create_app(embedded_config(folder)).app_context():
        factories.cast()
        db.session.remove()
        db.engine.dispose()
    return folder / "socialcrm.db"


@pytest.fixture(scope="session")
def make_tables(
    servers: Servers, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], None]:
    """`make_tables(url)`: every table in an empty PostgreSQL database."""

    def make(url: str) -> None:
        settings = {
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "ELASTICSEARCH_URL": servers.elasticsearch_url,
        }
        make_every_table(full_config(tmp_path_factory.mktemp("template"), settings))

    return make


@pytest.fixture
def config(engines: str, tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    """The configuration of a fresh installation: every table is there, nothing is in them."""
    if engines == "full":
        return full_config(tmp_path, request.getfixturevalue("full_environment"))
    template = "cast_database" if "cast" in request.fixturenames else "empty_database"
    shutil.copy(request.getfixturevalue(template), tmp_path / "socialcrm.db")
    return embedded_config(tmp_path)


class CompiledTemplates(BytecodeCache):
    """Each template is compiled once a run: compiling them for every app was most of a page test's time."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def compiled_templates() -> CompiledTemplates:
    return CompiledTemplates()


@pytest.fixture(scope="session")
def share_compiled_statements() -> Callable[[Engine], None]:
    """`share(engine)`: SQL is compiled once a run for all SQLite files; each engine for itself took a tenth of it."""
    first: list[Engine] = []

    def share(engine: Engine) -> None:
        if engine.dialect.name != "sqlite":
            return
        if not first:
            # Connecting makes the dialect ask once what its SQLite can do.
            engine.connect().close()
            engine._compiled_cache.capacity = 10_000
            first.append(engine)
        engine.dialect = first[0].dialect
        engine._compiled_cache = first[0]._compiled_cache

    return share


@pytest.fixture
def app(
    config: Config,
    compiled_templates: CompiledTemplates,
    share_compiled_statements: Callable[[Engine], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The application on a fresh database, its context pushed."""
    # Read again only after a change, so that a slow machine does not see one query more than a fast one.
    monkeypatch.setattr("socialcrm.settings.CACHE_SECONDS", 3600.0)
    forget_cache()
    app = create_app(config)
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        share_compiled_statements(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def drain(app: Flask) -> Callable[[], int]:
    """Carry out every due reaction and delivery, as the worker would."""
    return work_through


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A guest's browser; CSRF is off in it (tests/story and tests/web hold CSRF itself)."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def client_of(app: Flask) -> Callable[[Account], FlaskClient]:
    """`client_of(account)`: a browser in which the account is signed in."""
    app.config["WTF_CSRF_ENABLED"] = False

    def make(account: Account) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["key"], cookie["seen"] = factories.signed_in_key(account), time.time()
        return client

    return make


@pytest.fixture
def cast(app: Flask) -> dict[str, Account]:
    """The shared cast: lina (member), wangqiang (same group), chenjing (outsider), agent, lead, manager, admin."""
    return factories.cast_that_is_there() or factories.cast()
