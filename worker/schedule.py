"""Every periodic job: name, how often, what. The embedded worker and Celery beat both run from this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from socialcrm.database import utcnow
from socialcrm.events import claim_job

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """A job that runs every so often in one process, inside an app context; it opens its own transactions."""

    name: str
    every: timedelta
    run: Callable[[], object]


def jobs() -> list[Job]:
    """The list, built at call time so that areas are imported late."""
    return []


_next_look: dict[str, object] = {}


def run_due_jobs() -> None:
    """Run what is due and not running elsewhere; one job's failure does not stop the others."""
    now = utcnow()
    for job in jobs():
        due = _next_look.get(job.name)
        if due is not None and now < due:  # type: ignore[operator]
            continue
        _next_look[job.name] = now + min(job.every, timedelta(minutes=1))
        try:
            if claim_job(job.name, job.every):
                job.run()
        except Exception:
            log.exception("job_failed", job=job.name)
