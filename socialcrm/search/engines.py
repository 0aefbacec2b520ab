"""Which engine this installation uses: FTS5 in the embedded set, Elasticsearch in the full one."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Connection, event
from sqlalchemy.schema import MetaData

from socialcrm.config import Config
from socialcrm.database import Base, db

from .engine import Engine
from .sqlite import SqliteEngine, create_tables


def current_engine() -> Engine:
    """The running application's engine, made at its first use."""
    if "search_engine" not in current_app.extensions:
        current_app.extensions["search_engine"] = _made_for(current_app.extensions["config"])
    engine: Engine = current_app.extensions["search_engine"]
    return engine


def _made_for(config: Config) -> Engine:
    if config.elasticsearch_url is None:
        return SqliteEngine(db.session.connection)
    from .elastic import ElasticEngine  # 1.5 s and 40 MB to import: only where it is used

    return ElasticEngine(config.elasticsearch_url, config.search_prefix)


@event.listens_for(Base.metadata, "after_create")
def _create_search_tables(_: MetaData, connection: Connection, **__: object) -> None:
    """`create_all` (tests) makes the FTS5 tables too; the first migration calls `create_tables` itself."""
    if connection.dialect.name == "sqlite":
        create_tables(connection)
