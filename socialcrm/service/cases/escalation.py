"""What time does to cases: limits pass, snoozes end, unrated cases close. Each call is one short transaction."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from ... import live
from ...database import db, transaction, utcnow
from ...events import announce
from ...settings import define, setting
from .actions import close
from .events import CaseBreached
from .models import ACTIVE, PRIORITIES, Case
from .staffing import ensure_teams, serve_queue
from .thread import add_entry

# Days after which a solved case closes without an answer of the customer.
define("service.close_after_days", 7)
BATCH = 100


def escalate_breached() -> int:
    """Report every limit that has passed, once each: on the thread, in a higher priority, to the leads."""
    now = utcnow()
    reply = and_(Case.reply_due_at <= now, Case.reply_breached_at.is_(None))
    solving = and_(Case.solve_due_at <= now, Case.solve_breached_at.is_(None))
    with transaction():
        late = db.session.scalars(
            select(Case)
            .where(Case.status.in_(ACTIVE), or_(reply, solving))
            .order_by(Case.due_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for case in late:
            if case.reply_due_at is not None and case.reply_due_at <= now and case.reply_breached_at is None:
                case.reply_breached_at = now
                _escalate(case, "reply")
            if case.solve_due_at is not None and case.solve_due_at <= now and case.solve_breached_at is None:
                case.solve_breached_at = now
                _escalate(case, "solve")
    return len(late)


def _escalate(case: Case, clock: str) -> None:
    """The deadline stays what it was: only the attention rises."""
    case.priority = PRIORITIES[min(PRIORITIES.index(case.priority) + 1, len(PRIORITIES) - 1)]
    add_entry(case, "breached", facts={"clock": clock})
    live.push_to_staff("breach", case.id)
    announce(CaseBreached(case.id, clock))


def wake_snoozed() -> int:
    """Bring back what was put aside until now."""
    with transaction():
        due = db.session.scalars(
            select(Case).where(Case.snoozed_until <= utcnow()).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        for case in due:
            case.snoozed_until = None
            live.push_to_staff("case", case.id)
    return len(due)


def close_unrated() -> int:
    """Close what was solved long enough ago without an answer."""
    before = utcnow() - timedelta(days=int(setting("service.close_after_days")))
    with transaction():
        due = db.session.scalars(
            select(Case).where(Case.status == "solved", Case.solved_at <= before).limit(BATCH)
        ).all()
        for case in due:
            close(case)
    return len(due)


def serve_queues() -> int:
    """Hand out what waits: somebody may have come on duty."""
    with transaction():
        return sum(serve_queue(team.id) for team in ensure_teams())
