"""`serve`, `worker`, `beat`: the processes of an installation."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

#: How much the live processes and the worker stand back for the pages, when they share a machine's cores.
NICE = 5
#: A migration of a large database and the demo must both fit before gunicorn takes the process for stuck.
PREPARE_SECONDS = 3600


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn without a configuration file; the app is made after the fork."""

    def __init__(
        self, options: dict[str, Any], live_mode: str, before_serving: Callable[[], None] | None = None
    ) -> None:
        self.options = options
        self.live_mode = live_mode
        self.before_serving = before_serving
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from socialcrm import create_app

        app = create_app(live_mode=self.live_mode)
        if self.before_serving is not None:
            with app.app_context():
                self.before_serving()
        return app


def _start_worker(server_worker: Any) -> None:
    # What the start made stays for ever: no collection need look at it again (a tenth of a page's CPU).
    gc.collect()
    gc.freeze()
    from socialcrm.worker_wiring import start_embedded_worker

    app: Flask = server_worker.wsgi
    if app.extensions["config"].engine_set == "embedded":
        app.extensions["worker"] = start_embedded_worker(app)


def _stop_worker(server: Any, server_worker: Any) -> None:
    app = getattr(server_worker, "wsgi", None)
    worker = app.extensions.get("worker") if app is not None else None
    if worker is not None:
        worker.stop()


def _niceness(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option("--nice", default=NICE, show_default=True, type=click.IntRange(0, 19), help=words)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--processes", default=None, type=click.IntRange(1, 64), help="Web processes (full set only; default 2)."
)
@click.option(
    "--live", is_flag=True, help="Serve only live connections (Socket.IO on gevent; full set only)."
)
@_niceness("With --live: stand back this much for the pages on the same cores.")
@click.option("--prepare", is_flag=True, help="Do what `socialcrm prepare` does first (embedded set only).")
@click.option("--demo/--no-demo", default=False, help="With --prepare: fill an empty database with the demo.")
def serve(
    host: str, port: int, processes: int | None, live: bool, nice: int, prepare: bool, demo: bool
) -> None:
    """Serve pages (and, in the embedded set, live connections and the worker).

    \b
    Example:
      socialcrm serve --port 8000
      socialcrm serve --live --port 8100        # full set, behind nginx
    """
    from socialcrm.config import Config, ConfigError

    from .prepare import get_ready

    try:
        config = Config.from_env()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    embedded = config.engine_set == "embedded"
    if live and embedded:
        raise click.ClickException(
            "--live needs the full set: set DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL."
        )
    if prepare and not embedded:
        raise click.ClickException("In the full set, run socialcrm prepare before the processes start.")
    if embedded and processes not in (None, 1):
        raise click.ClickException("The embedded set runs in one process; use the full set for more.")
    options: dict[str, Any] = {
        "bind": f"{host}:{port}",
        "workers": 1 if embedded or live else (processes or 2),
        "worker_class": "gevent" if live else "gthread",
        "threads": 1 if live else (config.threads if embedded else 16),
        "timeout": 120,
        "graceful_timeout": 10,
        "keepalive": 15,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "post_worker_init": _start_worker,
        "worker_exit": _stop_worker,
        "control_socket_disable": True,
    }
    if live:
        options["worker_connections"] = 4000
        os.nice(nice)
    if prepare:
        options["timeout"] = PREPARE_SECONDS
    click.echo(f"SocialCRM ({config.engine_set}) on http://{host}:{port}")
    Server(options, "gevent" if live else "threading", partial(get_ready, demo) if prepare else None).run()


@click.command()
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 64))
@_niceness("Stand back this much for the pages on the same cores.")
def worker(concurrency: int, nice: int) -> None:
    """Run the Celery worker of the full set.

    \b
    Example:
      socialcrm worker --concurrency 2
    """
    from worker.app import celery_for_command

    os.nice(nice)
    celery_for_command().worker_main(
        ["worker", "--loglevel=WARNING", f"--concurrency={concurrency}", "-Ofair"]
    )


@click.command()
def beat() -> None:
    """Run the scheduler of the full set: sweeps the queue every second and starts periodic jobs.

    \b
    Example:
      socialcrm beat
    """
    from socialcrm.config import Config
    from worker.app import celery_for_command

    schedule = Config.from_env().data_dir / "beat-schedule"
    celery_for_command().start(["beat", "--loglevel=WARNING", f"--schedule={schedule}", "--pidfile="])
