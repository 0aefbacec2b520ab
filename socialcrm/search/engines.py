"""Which engine this installation uses: FTS5 in the embedded set, Elasticsearch in the full one."""

from __future__ import annotations

from flask import current_app

from ..config import Config
from ..database import db
from .engine import Engine
from .sqlite import SqliteEngine


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
