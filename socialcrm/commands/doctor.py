"""`socialcrm doctor`: what is configured, what answers, and what is behind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from flask import Flask, current_app

if TYPE_CHECKING:
    from socialcrm.config import Config

OLD_WORK_SECONDS = 60
MARKS = {"ok": "  ok  ", "warning": " warn ", "broken": "BROKEN"}


@dataclass(frozen=True)
class Finding:
    """One line of the report; `state` is ok, warning (works, but look at it) or broken."""

    state: str
    what: str
    words: str


@click.command()
def doctor() -> None:
    """Say what is configured, reachable and behind. Ends with 1 when something is broken, 2 on a bad configuration.

    \b
    Example:
      socialcrm doctor
    """
    from socialcrm import create_app
    from socialcrm.config import Config, ConfigError

    try:
        config = Config.from_env()
    except ConfigError as error:
        click.echo(f"{MARKS['broken']}  configuration  {error}")
        raise click.exceptions.Exit(2) from error
    app = create_app(config)
    findings = [
        Finding(
            "ok",
            "configuration",
            f"the {config.engine_set} set, {config.environment}, data in {config.data_dir}",
        )
    ]
    with app.app_context():
        for finding in examine(app):
            findings.append(finding)
    for finding in findings:
        click.echo(f"{MARKS[finding.state]}  {finding.what:<14} {finding.words}")
    if any(finding.state == "broken" for finding in findings):
        raise click.exceptions.Exit(1)


def examine(app: Flask) -> Iterator[Finding]:
    """Look at each part; a part that raises is reported as broken. Needs an app context."""
    config: Config = app.extensions["config"]
    parts: list[tuple[str, Callable[[Config], Iterator[Finding]]]] = [
        ("data folder", _data_folder),
        ("front end", _front_end),
        ("database", _database),
        ("queue", _queue),
        ("points", _points),
        ("uploads", _uploads),
        ("mail", _mail),
    ]
    if config.engine_set == "full":
        parts += [("redis", _redis), ("elasticsearch", _elasticsearch)]
    for what, look in parts:
        try:
            yield from look(config)
        except Exception as error:
            first_line = (str(error).splitlines() or [""])[0]
            yield Finding("broken", what, f"{type(error).__name__}: {first_line}")


def _data_folder(config: Config) -> Iterator[Finding]:
    with tempfile.TemporaryFile(dir=config.data_dir):
        yield Finding("ok", "data folder", "can be written")


def _front_end(config: Config) -> Iterator[Finding]:
    if (Path(current_app.root_path) / "static" / "manifest.json").is_file():
        yield Finding("ok", "front end", "built")
    else:
        yield Finding("broken", "front end", "not built: run python hatch_build.py in the checkout")


def _database(config: Config) -> Iterator[Finding]:
    from .prepare import revisions

    there, wanted = revisions()
    if there == wanted:
        yield Finding("ok", "database", f"tables at {there}")
    else:
        yield Finding(
            "broken", "database", f"tables at {there or 'nothing'}, wanted {wanted}: run socialcrm db upgrade"
        )


def _queue(config: Config) -> Iterator[Finding]:
    from socialcrm.events import queue_figures

    figures = queue_figures()
    age = figures["oldest_seconds"]
    words = f"{figures['pending']:.0f} reactions wait, the oldest since {age:.0f} s; {figures['failed']:.0f} failed"
    late = age > OLD_WORK_SECONDS
    if late:
        words += "; does a worker run?"
    yield Finding("warning" if late or figures["failed"] else "ok", "queue", words)


def _points(config: Config) -> Iterator[Finding]:
    from socialcrm.loyalty.queries import books_balance

    if books_balance():
        yield Finding("ok", "points", "every posting balances")
    else:
        yield Finding("broken", "points", "the ledger does not sum to zero: somebody wrote past the program")


def _uploads(config: Config) -> Iterator[Finding]:
    from socialcrm.storage import fetch, keep

    key = keep(b"socialcrm doctor was here\n", "text/plain")
    if fetch(key) is None:
        yield Finding("broken", "uploads", "what is stored cannot be read back")
    else:
        yield Finding("ok", "uploads", "in a bucket" if config.uploads_url else "in the data folder")


def _mail(config: Config) -> Iterator[Finding]:
    if config.smtp_url is None:
        yield Finding("warning", "mail", "no SMTP_URL: mails stay in the administrator's outbox")
    else:
        yield Finding("ok", "mail", f"sent through {urlsplit(config.smtp_url).hostname}")


def _redis(config: Config) -> Iterator[Finding]:
    from redis import Redis

    with Redis.from_url(str(config.redis_url), socket_connect_timeout=3, socket_timeout=3) as client:
        yield Finding("ok", "redis", f"version {client.info('server')['redis_version']}")


def _elasticsearch(config: Config) -> Iterator[Finding]:
    from elasticsearch import Elasticsearch

    with Elasticsearch(str(config.elasticsearch_url), request_timeout=3, max_retries=0) as client:
        health = client.cluster.health()
        state = "broken" if health["status"] == "red" else "ok"
        yield Finding(
            state, "elasticsearch", f"version {client.info()['version']['number']}, {health['status']}"
        )
