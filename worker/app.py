"""Celery with Flask's app context. Messages are only wake-ups: the queue itself is the table of reaction runs."""

from __future__ import annotations

import time

from celery import Celery, Task
from flask import Flask

from socialcrm import create_app
from socialcrm.config import Config

WAKE_UP_SECONDS = 0.05


def make_celery(app: Flask) -> Celery:
    """A Celery app whose tasks run inside the Flask app's context."""

    class ContextTask(Task):  # type: ignore[type-arg,misc]
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    config: Config = app.extensions["config"]
    celery = Celery("socialcrm", task_cls=ContextTask, broker=config.redis_url, include=["worker.tasks"])
    celery.conf.update(
        task_ignore_result=True,
        task_default_queue=f"{config.search_prefix}-work",
        broker_connection_retry_on_startup=True,
        worker_prefetch_multiplier=1,
        task_acks_late=False,
        timezone="UTC",
        worker_hijack_root_logger=False,
        beat_schedule={
            "sweep": {"task": "worker.tasks.sweep", "schedule": 1.0, "options": {"expires": 5}},
            "jobs": {"task": "worker.tasks.periodic", "schedule": 1.0, "options": {"expires": 5}},
        },
    )
    return celery


_last_wake_up = 0.0


def wake_up(app: Flask) -> None:
    """Send one wake-up; several within WAKE_UP_SECONDS are one (the sweep catches what they leave)."""
    global _last_wake_up
    now = time.monotonic()
    if now - _last_wake_up < WAKE_UP_SECONDS:
        return
    _last_wake_up = now
    celery = app.extensions.get("celery")
    if celery is None:
        celery = app.extensions["celery"] = make_celery(app)
    celery.send_task("worker.tasks.sweep", expires=10, retry=False)


def celery_for_command() -> Celery:
    """The Celery app of `socialcrm worker` and `socialcrm beat`."""
    app = create_app()
    celery = app.extensions["celery"] = make_celery(app)
    celery.set_default()
    return celery
