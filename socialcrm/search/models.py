"""The embedded engine's tables. They hold only what can be read again from other areas, so they are made where they
are missing instead of being versioned: after `create_all` here, after a migration in `migrations/env.py`."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, event

from ..database import Base
from .sqlite import create_tables


@event.listens_for(Base.metadata, "after_create")
def _create_search_tables(_: MetaData, connection: Connection, **__: object) -> None:
    if connection.dialect.name == "sqlite":
        create_tables(connection)
