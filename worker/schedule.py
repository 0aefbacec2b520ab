"""What the worker does: drain the queue, carry the outbox, and every periodic job.

The embedded worker thread and Celery (sweep and beat) both run from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from socialcrm.database import db, utcnow
from socialcrm.events import claim_job, purge_done
from socialcrm.outbox.delivery import deliver_due
from socialcrm.reacting import drain

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """A job that runs every so often in one process, inside an app context; it opens its own transactions."""

    name: str
    every: timedelta
    run: Callable[[], object]


def jobs() -> list[Job]:
    """The list, built at call time so that areas are imported late."""
    from socialcrm.api.usage import forget_requests
    from socialcrm.community.health.jobs import rederive_days
    from socialcrm.customers.retagging import retag_everybody
    from socialcrm.desks.learning.teaching import learn_when_due
    from socialcrm.referrals.jobs import pay_due_rewards
    from socialcrm.sentiment.trends.jobs import check_trends, look_for_spikes
    from socialcrm.service.cases import escalation
    from socialcrm.value.jobs import reconcile_nightly

    return [
        Job("api.forget_requests", timedelta(hours=1), forget_requests),
        Job("customers.retag", timedelta(days=1), retag_everybody),
        Job("sentiment.learn", timedelta(days=1), learn_when_due),
        Job("service.escalate", timedelta(minutes=1), escalation.escalate_breached),
        Job("service.wake", timedelta(minutes=1), escalation.wake_snoozed),
        Job("service.serve_queues", timedelta(minutes=1), escalation.serve_queues),
        Job("service.close_unrated", timedelta(hours=1), escalation.close_unrated),
        Job("community.days", timedelta(days=1), rederive_days),
        Job("trends.spikes", timedelta(hours=1), look_for_spikes),
        Job("trends.check", timedelta(days=1), check_trends),
        Job("referrals.rewards", timedelta(minutes=1), pay_due_rewards),
        Job("value.reconcile", timedelta(days=1), reconcile_nightly),
        Job("events.purge", timedelta(days=1), purge_done),
    ]


def work_through(rounds: int | None = None) -> int:
    """Carry out due reactions and due deliveries until nothing is due (or `rounds` of both); returns how many.

    Deliveries take turns with reactions: a mail does not wait for the end of an import.
    """
    total = 0
    while rounds is None or rounds > 0:
        done = drain(rounds=1) + deliver_due()
        total += done
        if done == 0:
            break
        rounds = None if rounds is None else rounds - 1
    db.session.rollback()
    return total


_next_look: dict[str, datetime] = {}


def run_due_jobs() -> None:
    """Run what is due and not running elsewhere; one job's failure does not stop the others."""
    now = utcnow()
    for job in jobs():
        due = _next_look.get(job.name)
        if due is not None and now < due:
            continue
        _next_look[job.name] = now + min(job.every, timedelta(minutes=1))
        try:
            if claim_job(job.name, job.every):
                job.run()
        except Exception:
            log.exception("job_failed", job=job.name)
