"""What the administrator's lists read, keyset-paged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from ...accounts.models import ROLES, Account, AuditEntry
from ...customers.models import Customer
from ...database import db
from ...service.cases.models import Desk, Team

PAGE = 50


@dataclass(frozen=True)
class PersonRow:
    """One account with its team's name."""

    account: Account
    team: str | None


def people_page(q: str, role: str, before_id: int | None) -> list[PersonRow]:
    """Accounts by name, email or phone and role ("staff": everybody who works here), newest first; one query."""
    query = (
        select(Account, Team.name)
        .join(Customer, Customer.id == Account.customer_id)
        .outerjoin(Desk, Desk.account_id == Account.id)
        .outerjoin(Team, Team.id == Desk.team_id)
        .where(or_(Account.email.is_not(None), Account.phone.is_not(None)))
    )
    if q := q.strip()[:100]:
        query = query.where(
            or_(
                Customer.display_name.contains(q, autoescape=True),
                Account.email.contains(q.lower(), autoescape=True),
                Account.phone.contains(q.replace(" ", ""), autoescape=True),
            )
        )
    if role == "staff":
        query = query.where(Account.role != "customer")
    elif role in ROLES:
        query = query.where(Account.role == role)
    if before_id is not None:
        query = query.where(Account.id < before_id)
    rows = db.session.execute(query.order_by(Account.id.desc()).limit(PAGE))
    return [PersonRow(row[0], row[1]) for row in rows]


def audit_page(deed: str, before_id: int | None) -> list[Any]:
    """(entry, who did it or None) newest first; one query."""
    query = (
        select(AuditEntry, Customer.display_name)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .outerjoin(Customer, Customer.id == Account.customer_id)
    )
    if deed:
        query = query.where(AuditEntry.deed == deed)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(db.session.execute(query.order_by(AuditEntry.id.desc()).limit(PAGE)))


def deeds() -> list[str]:
    """The deeds that were ever written down, for the filter."""
    return list(db.session.scalars(select(AuditEntry.deed).distinct().order_by(AuditEntry.deed).limit(100)))
