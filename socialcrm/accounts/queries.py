"""What screens and reactions read of accounts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from ..customers.models import Customer
from ..database import db
from .models import STAFF_ROLES, Account, SignInSession


def account_by_login(kind: str, value: str) -> Account | None:
    """The active or inactive account that signs in with this email or phone (normal form)."""
    column = Account.email if kind == "email" else Account.phone
    return db.session.scalar(select(Account).where(column == value))


def open_sessions(account_id: int, limit: int = 50) -> list[SignInSession]:
    """Devices that are signed in, last seen first."""
    return list(
        db.session.scalars(
            select(SignInSession)
            .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
            .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
            .limit(limit)
        )
    )


def staff_among(customer_ids: Iterable[int]) -> set[int]:
    """Those of the customer rows that belong to members of staff, in one query."""
    rows = select(Account.customer_id).where(
        Account.customer_id.in_(list(customer_ids)), Account.role.in_(STAFF_ROLES)
    )
    return set(db.session.scalars(rows))


def name_of_account(account_id: int | None) -> str:
    """The name of the person behind an account; "" for none."""
    query = select(Customer.display_name).join(Account, Account.customer_id == Customer.id)
    return db.session.scalar(query.where(Account.id == account_id)) or "" if account_id else ""
