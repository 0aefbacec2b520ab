"""`socialcrm prepare` migrates after a backup copy, and only when the tables are behind."""

import shutil
import tarfile
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, inspect, select, text

from socialcrm.commands.prepare import bring_up_to_date, revisions
from socialcrm.customers.actions import create_customer
from socialcrm.database import db, transaction
from socialcrm.events import EventRow

NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "HEAD"


def upgrade():
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("shoe_size", sa.Integer(), nullable=False, server_default="38"))
"""


@pytest.fixture
def newer_version(app: Flask, tmp_path: Path) -> Flask:
    """An installation filled by this version, whose program is now one revision ahead of its tables."""
    drop_every_table(app)
    upgrade()
    _, head = revisions()
    with transaction():
        create_customer("李娜", source="community")
        create_customer("王强", source="shop")
    db.session.remove()
    scripts = tmp_path / "migrations"
    shutil.copytree(
        app.extensions["migrate"].directory, scripts, ignore=shutil.ignore_patterns("__pycache__")
    )
    (scripts / "versions" / "next_version.py").write_text(NEXT_REVISION.replace("HEAD", str(head)))
    app.extensions["migrate"].directory = str(scripts)
    return app


def drop_every_table(app: Flask) -> None:
    db.session.remove()
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def backups(app: Flask) -> list[Path]:
    return list((app.extensions["config"].data_dir / "backups").glob("*.tar"))


def test_an_empty_place_gets_its_tables_and_no_backup(app: Flask) -> None:
    drop_every_table(app)
    bring_up_to_date()
    there, wanted = revisions()
    assert there == wanted
    assert backups(app) == []
    assert "customers" in inspect(db.engine).get_table_names()


def test_filled_tables_that_are_behind_are_copied_and_then_upgraded(newer_version: Flask) -> None:
    there, wanted = revisions()
    assert there != wanted == "next"
    bring_up_to_date()
    assert revisions() == ("next", "next")
    rows = db.session.execute(text("SELECT display_name, shoe_size FROM customers ORDER BY id")).all()
    assert rows == [("李娜", 38), ("王强", 38)]
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == 2
    db.session.remove()
    (copy,) = backups(newer_version)
    with tarfile.open(copy) as archive:
        assert any(name.startswith("database.") for name in archive.getnames())


def test_a_database_that_is_up_to_date_is_left_alone(newer_version: Flask) -> None:
    bring_up_to_date()
    bring_up_to_date()
    assert len(backups(newer_version)) == 1
