"""The rows of the case report and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ..cases.access import cases_visible_to
from ..cases.models import Case
from ..surveys.models import CaseRating
from ..surveys.queries import ratings_of

PAGE = 50


@dataclass(frozen=True)
class ReportRow:
    """A case with its customer's last answer."""

    case: Case
    rating: CaseRating | None


@dataclass(frozen=True)
class Figures:
    """Of the cases opened in a time: how many, solved, mean working seconds to the first answer, mean satisfaction 1–5."""

    opened: int
    solved: int
    breached: int
    first_reply_seconds: float | None
    satisfaction: float | None
    rated: int


def report_page(
    account: Account, since: datetime, until: datetime, *, before: int | None = None, limit: int = PAGE
) -> list[ReportRow]:
    """A page of the cases opened in [since, until), newest first; `before` is the id of the last row seen."""
    query = _opened(account, since, until)
    if before is not None:
        query = query.where(Case.id < before)
    cases = list(db.session.scalars(query.order_by(Case.id.desc()).limit(limit)))
    ratings = ratings_of([case.id for case in cases])
    return [ReportRow(case, ratings.get(case.id)) for case in cases]


def every_row(account: Account, since: datetime, until: datetime) -> Iterator[ReportRow]:
    """All rows, read page by page."""
    before = None
    while page := report_page(account, since, until, before=before, limit=500):
        yield from page
        before = page[-1].case.id


def _opened(account: Account, since: datetime, until: datetime) -> Select[Case]:
    return (
        cases_visible_to(account)
        .options(
            joinedload(Case.customer).load_only(Customer.display_name),
            joinedload(Case.team),
            joinedload(Case.assignee),
        )
        .where(Case.opened_at >= since, Case.opened_at < until, Case.merged_into_id.is_(None))
    )


def figures(since: datetime, until: datetime) -> Figures:
    """The sums above the table, in two queries."""
    opened_then = (Case.opened_at >= since) & (Case.opened_at < until) & Case.merged_into_id.is_(None)
    row = db.session.execute(
        select(
            func.count(),
            func.count(Case.solved_at),
            func.count(Case.reply_breached_at),
            func.avg(Case.first_reply_seconds),
        ).where(opened_then)
    ).one()
    rated, mean = db.session.execute(
        select(func.count(CaseRating.id), func.avg(CaseRating.score))
        .join(Case, Case.id == CaseRating.case_id)
        .where(opened_then)
    ).one()
    return Figures(
        opened=row[0],
        solved=row[1],
        breached=row[2],
        first_reply_seconds=float(row[3]) if row[3] is not None else None,
        satisfaction=float(mean) if mean is not None else None,
        rated=rated,
    )
