"""`socialcrm prepare`: what `script/server` runs before it serves."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import select


@click.command()
@click.option(
    "--demo/--no-demo", default=True, show_default=True, help="Fill an empty database with the demo brand."
)
def prepare(demo: bool) -> None:
    """Bring the tables up to this version, after a backup copy; fill an empty database with the demo brand.

    \b
    Example:
      socialcrm prepare --no-demo
    """
    from socialcrm import create_app

    with create_app().app_context():
        get_ready(demo)


def get_ready(demo: bool) -> None:
    """Migrate, and with `demo` fill an empty database. Needs an app context."""
    bring_up_to_date()
    if demo and _nobody_yet():
        import_module("socialcrm.commands.seed").seed.main(args=[], standalone_mode=False)


def bring_up_to_date() -> None:
    """Migrate the database if it is behind; a database that holds something is copied to DATA_DIR/backups before."""
    there, wanted = revisions()
    if there == wanted:
        return
    if there is not None:
        from .backup import write_backup

        copy = _backup_path(there)
        write_backup(copy)
        click.echo(f"backed up to {copy}", err=True)
    click.echo(f"bringing the tables from {there or 'nothing'} to {wanted} …", err=True)
    upgrade(directory=current_app.extensions["migrate"].directory)


def revisions() -> tuple[str | None, str | None]:
    """The revision of the database's tables (None: no tables) and the newest one. Needs an app context."""
    from socialcrm.database import db

    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()


def _backup_path(revision: str) -> Path:
    folder: Path = current_app.extensions["config"].data_dir / "backups"
    return folder / f"before-upgrade-from-{revision}-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"


def _nobody_yet() -> bool:
    from socialcrm.customers.models import Customer
    from socialcrm.database import db

    somebody = db.session.scalar(select(Customer.id).limit(1))
    db.session.rollback()
    return somebody is None
