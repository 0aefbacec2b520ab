"""`socialcrm db`: bring the tables up to date."""

from __future__ import annotations

import click
from flask_migrate import current, upgrade


@click.group("db")
def db_group() -> None:
    """The database's tables."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to this version.

    \b
    Example:
      socialcrm db upgrade
    """
    from socialcrm import create_app

    with create_app().app_context():
        upgrade()


@db_group.command("current")
def db_current() -> None:
    """Print the version the tables have.

    \b
    Example:
      socialcrm db current
    """
    from socialcrm import create_app

    with create_app().app_context():
        current()
