"""How a commit starts the worker: a thread's event when embedded, a Celery message in the full set."""

from __future__ import annotations

import threading

import structlog
from flask import Flask

from .config import Config
from .events import on_nudge
from .reacting import release_leases

log = structlog.get_logger()

#: Claims between two looks at the periodic jobs, so that an import of many minutes does not hold them up.
ROUNDS = 40


class EmbeddedWorker(threading.Thread):
    """The in-process worker of the embedded set: drains the queue on a nudge and at every sweep, runs periodic jobs."""

    def __init__(self, app: Flask, sweep_seconds: float) -> None:
        super().__init__(name="worker", daemon=True)
        self.app = app
        self.sweep_seconds = sweep_seconds
        self.wake = threading.Event()
        self.stopping = False

    def run(self) -> None:
        from worker.schedule import run_due_jobs, work_through

        with self.app.app_context():
            release_leases()
        while not self.stopping:
            self.wake.wait(self.sweep_seconds)
            self.wake.clear()
            try:
                with self.app.app_context():
                    if work_through(rounds=ROUNDS):
                        self.wake.set()
                    run_due_jobs()
            except Exception:
                log.exception("worker_sweep_failed")

    def stop(self) -> None:
        """Finish the round in progress and end."""
        self.stopping = True
        self.wake.set()
        self.join(timeout=20)


def init_worker(app: Flask, config: Config) -> None:
    """Decide what a nudge does in this process; no worker is started here."""
    if config.engine_set == "full":
        on_nudge(lambda: _nudge_celery(app))
    else:
        on_nudge(lambda: None)


def start_embedded_worker(app: Flask) -> EmbeddedWorker:
    """Start the worker thread (after the fork, by `serve` only) and let nudges wake it."""
    config: Config = app.extensions["config"]
    worker = EmbeddedWorker(app, config.sweep_seconds)
    app.extensions["worker"] = worker
    on_nudge(worker.wake.set)
    worker.start()
    return worker


def _nudge_celery(app: Flask) -> None:
    from worker.app import wake_up

    wake_up(app)
