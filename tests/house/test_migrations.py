"""Migrations build the same tables as the models, up, down and up again."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from socialcrm import create_app
from socialcrm.database import Base, db
from tests.conftest import embedded_config


def test_up_down_up_matches_the_models(tmp_path: Path) -> None:
    app = create_app(embedded_config(tmp_path))
    with app.app_context():
        upgrade()
        downgrade(revision="base")
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_object": lambda o, n, k, r, c: (
                        not (k == "table" and str(n).startswith("search_fts"))
                    )
                },
            )
            assert compare_metadata(context, Base.metadata) == []
        db.engine.dispose()
