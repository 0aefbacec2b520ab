"""One place for every test of a module that looks at pages: it is furnished once, in a moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialcrm import create_app
from socialcrm.config import Config
from socialcrm.settings import forget_cache

from .place import Place, open_place


@pytest.fixture(scope="module")
def place(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A furnished brand on the embedded set, served."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copy(empty_database, folder / "socialcrm.db")
    forget_cache()
    config = Config(
        data_dir=folder,
        secret_key="a test secret that is long enough to be one",
        database_url=f"sqlite:///{folder / 'socialcrm.db'}",
        environment="test",
        rate_limits=False,
    )
    with open_place(create_app(config)) as made:
        yield made
    forget_cache()
