"""Alembic's environment: the app's own engine and metadata; batch mode for SQLite."""

from __future__ import annotations

from alembic import context
from flask import current_app

from socialcrm.database import Base
from socialcrm.search.sqlite import create_tables

engine = current_app.extensions["migrate"].db.engine


def included(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Full-text tables are made where they are missing (`create_tables` below) and are not compared."""
    return not (kind == "table" and name is not None and name.startswith("search_fts"))


def run() -> None:
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Batch mode rebuilds tables; their foreign keys must not fire meanwhile.
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=False,
            include_object=included,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                create_tables(connection)
        connection.commit()
        if sqlite:
            connection.rollback()
            connection.exec_driver_sql(
                "ROLLBACK"
            ) if connection.connection.dbapi_connection.in_transaction else None
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


run()
