"""Fixtures every test shares: an app on the embedded set, the cast, clients, and a drained queue."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm import create_app
from socialcrm.accounts.models import Account
from socialcrm.config import Config
from socialcrm.database import db
from socialcrm.settings import forget_cache
from socialcrm.worker_wiring import drain_everything

from . import factories


def embedded_config(folder: Path) -> Config:
    """A fast test configuration on SQLite in `folder`."""
    return Config(
        data_dir=folder,
        secret_key="a test secret that is long enough to be one",
        database_url=f"sqlite:///{folder / 'socialcrm.db'}",
        environment="test",
        rate_limits=False,
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(embedded_config(folder))
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return folder / "socialcrm.db"


@pytest.fixture
def app(empty_database: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, its context pushed."""
    shutil.copy(empty_database, tmp_path / "socialcrm.db")
    forget_cache()
    app = create_app(embedded_config(tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def drain(app: Flask) -> Callable[[], int]:
    """Carry out every due reaction, as the worker would."""
    return drain_everything


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
            cookie["key"] = factories.signed_in_key(account)
        return client

    return make


@pytest.fixture
def cast(app: Flask) -> dict[str, Account]:
    """The shared cast: lina (member), wangqiang (same group), chenjing (outsider), agent, lead, manager, admin."""
    return factories.cast()
