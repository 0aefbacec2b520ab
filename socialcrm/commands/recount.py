"""`socialcrm recount`: build the counts of the trends anew from the opinions."""

from __future__ import annotations

import sys
from typing import Any

import click


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; say how many cells of the last 35 days differ.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def recount(check: bool, quiet: bool) -> None:
    """Count every opinion again: days, weeks of terms, products. While it runs the figures are incomplete.

    \b
    Example:
      socialcrm recount --check
    """
    from sqlalchemy import func, select

    from socialcrm import create_app
    from socialcrm.database import db
    from socialcrm.desks.listening.counting import rebuild
    from socialcrm.sentiment.models import OpinionRow
    from socialcrm.sentiment.trends.jobs import drifted_cells

    with create_app().app_context():
        if check:
            found = drifted_cells()
            click.echo(f"{found} cells differ from the opinions")
            sys.exit(1 if found else 0)
        total = db.session.scalar(select(func.count()).select_from(OpinionRow)) or 0
        bar: Any = click.progressbar(length=total, label="recount", hidden=quiet, file=sys.stderr)
        with bar as shown:
            for number in rebuild():
                shown.update(number)
        click.echo(f"{total} opinions counted")
