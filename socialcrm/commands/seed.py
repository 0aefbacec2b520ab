"""`socialcrm seed`: bring the demo brand to life in an empty installation."""

from __future__ import annotations

import gc
import sys
import time
from datetime import UTC, datetime
from typing import Any

import click
from flask import has_app_context

PASSWORD = "shanyu-demo"  # noqa: S105 (of the demo's sign-in cards, and printed on them)


@click.command()
@click.option("--quiet", is_flag=True, help="No progress bar.")
def seed(quiet: bool) -> None:
    """Fill an empty installation with the demo brand: 500 customers, talk, orders, chats and complaints.

    Run again it changes nothing. It refuses to write over an installation that holds anything else.

    \b
    Example:
      socialcrm db upgrade && socialcrm seed
    """
    from socialcrm import create_app

    if has_app_context():  # `socialcrm prepare` seeds inside its own
        _seed(quiet)
        return
    with create_app().app_context():
        _seed(quiet)


def _seed(quiet: bool) -> None:
    from sqlalchemy import inspect, select

    from socialcrm.customers.models import Customer
    from socialcrm.database import db, transaction
    from socialcrm.settings import setting

    if not inspect(db.engine).has_table("settings"):
        raise click.ClickException("The tables are not there yet; run: socialcrm db upgrade")
    if setting("demo"):
        click.echo("The demo brand is already here.", err=True)
        return
    with transaction():
        if db.session.scalar(select(Customer.id).limit(1)) is not None:
            raise click.ClickException(
                "This installation already holds customers; the demo only goes into an empty one. "
                "Set DATA_DIR (or DATABASE_URL) to a new place."
            )
        _tell_everything(quiet)


def _tell_everything(quiet: bool) -> None:
    """One transaction: a demo that was interrupted is not there at all."""
    from socialcrm.accounts.passwords import hash_password
    from socialcrm.commands.demo.telling import Story
    from socialcrm.commands.demo.told import tell
    from socialcrm.commands.demo.world import build_world
    from socialcrm.commands.reindex import rebuild
    from socialcrm.customers.retagging import retag_everybody
    from socialcrm.events import reacting_at_once

    began = time.monotonic()
    # One long transaction keeps nearly all it makes, so collecting often finds nothing: a sixth of the time.
    gc.set_threshold(200_000, 50, 1000)
    story = Story(build_world(datetime.now(UTC)), hash_password(PASSWORD))
    story.begin()
    happenings = story.happenings()
    bar: Any = click.progressbar(
        happenings, label="山屿咖啡", hidden=quiet, update_min_steps=50, file=sys.stderr
    )
    with bar as told:
        for happening in told:
            tell(happening)
    with reacting_at_once(lambda reaction: False):
        story.settle()
        story.teach_engine()
        retag_everybody()
    rebuild(500, quiet=True)
    click.echo(
        f"{len(story.customers)} customers, {len(story.topics)} topics, {len(story.posts)} posts "
        f"in {time.monotonic() - began:.1f} s",
        err=True,
    )
