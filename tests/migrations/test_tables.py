"""Migrations build the same tables as the models, on both databases: from empty, down, and up again."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from socialcrm.database import Base, db


def differences() -> list[object]:
    """What Alembic would change to bring the tables to the models."""
    options = {"include_object": lambda thing, name, *_: not str(name).startswith("search_fts")}
    with db.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def test_from_empty_the_models_tables_come_out(bare: Flask) -> None:
    upgrade()
    assert differences() == []


def test_down_and_up_again(bare: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    upgrade()
    assert differences() == []
