"""Set a case's clocks from the calendar in force, and explain them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import select

from ...database import db
from ...settings import setting
from ..sla.calendar import work_calendar
from ..sla.clock import Deadline, Pause, WorkCalendar, deadline, working_seconds
from .models import Case, CasePause

#: Where a case without a running clock stands in the order of work.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def calendar() -> WorkCalendar:
    """The brand's working calendar."""
    return work_calendar(current_app.extensions["config"])


def pauses_of(case_id: int) -> list[Pause]:
    """The times in which the case waited for its customer."""
    rows = db.session.execute(
        select(CasePause.began_at, CasePause.ended_at)
        .where(CasePause.case_id == case_id)
        .order_by(CasePause.id)
    )
    return [(row.began_at, row.ended_at) for row in rows]


def set_clocks(case: Case) -> None:
    """Work out goal, answer limit and solution limit anew; a case nobody works on has none."""
    case.goal_at = case.reply_due_at = case.solve_due_at = None
    if case.active:
        days = calendar()
        if case.waits_since is not None:
            limit = _reply_seconds(case)
            case.reply_due_at = deadline(case.waits_since, limit, days).at
            if case.first_replied_at is None:
                goal = int(setting("service.first_reply_goal_seconds"))
                case.goal_at = deadline(case.waits_since, goal, days).at
        case.solve_due_at = explain_solve(case, days).at
    running = [at for at in (case.reply_due_at, case.solve_due_at) if at is not None]
    case.due_at = min(running, default=NEVER)


def _reply_seconds(case: Case) -> int:
    first = case.first_replied_at is None
    return int(setting("service.first_reply_limit_seconds" if first else "service.next_reply_limit_seconds"))


def explain_reply(case: Case, days: WorkCalendar) -> Deadline | None:
    """Why the next answer is due when it is; None while no answer is owed."""
    if not case.active or case.waits_since is None:
        return None
    return deadline(case.waits_since, _reply_seconds(case), days)


def explain_solve(case: Case, days: WorkCalendar) -> Deadline:
    """Why the solution is due when it is."""
    hours = setting("service.solve_hours")[case.priority]
    return deadline(case.opened_at, int(hours * 3600), days, pauses_of(case.id))


def note_first_reply(case: Case, at: datetime) -> None:
    """Keep when the first answer came and how much working time it took."""
    if case.first_replied_at is None:
        case.first_replied_at = at
        case.first_reply_seconds = working_seconds(case.opened_at, at, calendar())
