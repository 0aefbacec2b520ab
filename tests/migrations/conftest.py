"""An application on a database without any table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from socialcrm import create_app
from socialcrm.database import db
from tests.conftest import embedded_config, full_config


@pytest.fixture
def bare(engines: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """On a new SQLite file, or in a new PostgreSQL database; its context pushed."""
    if engines == "full":
        environment = request.getfixturevalue("full_environment")
        servers = request.getfixturevalue("servers")
        with servers.postgresql.database() as url:
            yield from _started(create_app(full_config(tmp_path, environment | {"DATABASE_URL": url})))
    else:
        yield from _started(create_app(embedded_config(tmp_path)))


def _started(app: Flask) -> Iterator[Flask]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
