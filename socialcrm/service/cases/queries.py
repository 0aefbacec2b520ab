"""What screens and reports read of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from ...accounts.models import SERVICE_ROLES, STAFF_ROLES, Account
from ...customers.models import Customer, ProfileAccess
from ...database import db, utcnow
from .access import cases_visible_to
from .models import ACTIVE, CannedReply, Case, CaseEntry, Desk, Team

PAGE = 40
VIEWS = ("mine", "team", "queue", "all", "waiting", "snoozed", "finished")
LOOKING = timedelta(minutes=3)


def work_list(
    account: Account,
    view: str = "all",
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[Case]:
    """A page of cases in the order of work: what is due first comes first; finished ones newest first.

    `after` is the (due_at or changed_at, id) key of the last row seen.
    """
    query = cases_visible_to(account).options(
        joinedload(Case.customer), joinedload(Case.assignee), joinedload(Case.team)
    )
    if view == "finished":
        query = query.where(Case.status.in_(("solved", "closed")), Case.merged_into_id.is_(None))
        if after is not None:
            query = query.where(
                (Case.changed_at < after[0]) | ((Case.changed_at == after[0]) & (Case.id < after[1]))
            )
        query = query.order_by(Case.changed_at.desc(), Case.id.desc())
    else:
        query = _of_view(query, account, view)
        if after is not None:
            query = query.where((Case.due_at > after[0]) | ((Case.due_at == after[0]) & (Case.id > after[1])))
        query = query.order_by(Case.due_at, Case.id)
    return list(db.session.scalars(query.limit(limit)))


def _of_view(query: Select[Case], account: Account, view: str) -> Select[Case]:
    awake = or_(Case.snoozed_until.is_(None), Case.snoozed_until <= utcnow())
    query = query.where(Case.status.in_(ACTIVE))
    if view == "waiting":
        return query.where(Case.status == "waiting")
    if view == "snoozed":
        return query.where(~awake)
    query = query.where(awake)
    if view == "mine":
        return query.where(Case.assignee_id == account.id)
    if view == "queue":
        return query.where(Case.assignee_id.is_(None))
    if view == "team":
        return query.where(
            Case.team_id.in_(select(Desk.team_id).where(Desk.account_id == account.id)),
            Case.status != "waiting",
        )
    return query


def view_counts(account: Account) -> dict[str, int]:
    """How many cases each tab of the work list holds, in one query."""
    awake = or_(Case.snoozed_until.is_(None), Case.snoozed_until <= utcnow())
    active = Case.status.in_(ACTIVE)
    row = db.session.execute(
        select(
            func.count().filter(active & awake & (Case.assignee_id == account.id)).label("mine"),
            func.count().filter(active & awake & Case.assignee_id.is_(None)).label("queue"),
            func.count().filter(active & awake).label("all"),
            func.count().filter(Case.status == "waiting").label("waiting"),
            func.count().filter(active & ~awake).label("snoozed"),
        ).where(active)
    ).one()
    return dict(row._mapping)


def entries_of(
    case_id: int, *, audience: str | None = None, after: int = 0, limit: int = 200
) -> list[CaseEntry]:
    """The thread, oldest first; `audience='customer'` leaves out what is only for us."""
    query = select(CaseEntry).options(joinedload(CaseEntry.account)).where(CaseEntry.case_id == case_id)
    if audience is not None:
        query = query.where(CaseEntry.audience == audience)
    if after:
        query = query.where(CaseEntry.id > after)
    return list(db.session.scalars(query.order_by(CaseEntry.id).limit(limit)))


def matters_of(customer_id: int, *, before: int | None = None, limit: int = 20) -> list[Case]:
    """The customer's own cases, newest first, merged ones left out."""
    query = select(Case).where(Case.customer_id == customer_id, Case.merged_into_id.is_(None))
    if before is not None:
        query = query.where(Case.id < before)
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(limit)))


def case_of_conversation(conversation_id: int) -> Case | None:
    """The active case a conversation belongs to."""
    return db.session.scalar(
        select(Case)
        .where(Case.conversation_id == conversation_id, Case.status.in_(ACTIVE))
        .order_by(Case.id.desc())
        .limit(1)
    )


def staff() -> list[Account]:
    """Who can be given a case, with names, by id."""
    return list(
        db.session.scalars(
            select(Account).where(Account.role.in_(SERVICE_ROLES), Account.active).order_by(Account.id)
        )
    )


def staff_names() -> dict[int, str]:
    """Account id → name of everybody who works or worked at the desk."""
    rows = db.session.execute(
        select(Account.id, Customer.display_name)
        .join(Customer, Customer.id == Account.customer_id)
        .where(Account.role.in_(STAFF_ROLES))
    )
    return {row.id: row.display_name for row in rows}


def others_looking(customer_id: int, account_id: int) -> list[tuple[str, datetime]]:
    """Who else opened this customer's case within the last minutes: (name, when), newest first."""
    rows = db.session.execute(
        select(Customer.display_name, func.max(ProfileAccess.at).label("at"))
        .join(Account, Account.customer_id == Customer.id)
        .join(ProfileAccess, ProfileAccess.account_id == Account.id)
        .where(
            ProfileAccess.customer_id == customer_id,
            ProfileAccess.reason == "case",
            ProfileAccess.account_id != account_id,
            ProfileAccess.at > utcnow() - LOOKING,
        )
        .group_by(Account.id, Customer.display_name)
        .order_by(func.max(ProfileAccess.at).desc())
        .limit(3)
    )
    return [(row.display_name, row.at) for row in rows]


def canned_replies() -> list[CannedReply]:
    """Ready answers by title."""
    return list(db.session.scalars(select(CannedReply).order_by(CannedReply.title).limit(200)))


@dataclass(frozen=True)
class DeskRow:
    """One agent on the teams page."""

    account: Account
    desk: Desk | None
    load: int


def desks() -> list[DeskRow]:
    """Every agent with team, capacity and load."""
    load = (
        select(Case.assignee_id, func.count().label("load"))
        .where(Case.status.in_(("open", "reopened")), Case.assignee_id.is_not(None))
        .group_by(Case.assignee_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Account, Desk, load.c.load)
        .outerjoin(Desk, Desk.account_id == Account.id)
        .outerjoin(load, load.c.assignee_id == Account.id)
        .where(Account.role.in_(SERVICE_ROLES), Account.active)
        .order_by(Account.id)
        .limit(200)
    )
    return [DeskRow(account, desk, number or 0) for account, desk, number in rows]


def teams() -> list[Team]:
    """The teams in their order."""
    return list(db.session.scalars(select(Team).order_by(Team.position, Team.id)))
