"""What screens and other areas read of the chain."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import aliased

from ..customers.models import Customer
from ..database import db
from .models import Referral, ReferralCode, RefusedReferral

DEEPEST = 100
PAGE = 30


def referral_of(referee_id: int) -> Referral | None:
    """The edge above a customer, voided ones left out."""
    return db.session.scalar(
        select(Referral).where(Referral.referee_id == referee_id, Referral.state != "voided")
    )


def referees_among(customer_ids: Iterable[int]) -> set[int]:
    """Those of the customers whom somebody brought, voided edges left out, in one query."""
    rows = select(Referral.referee_id).where(
        Referral.referee_id.in_(list(customer_ids)), Referral.state != "voided"
    )
    return set(db.session.scalars(rows))


def code_owner(code: str) -> tuple[ReferralCode, Customer] | None:
    """The code and whose it is."""
    row = db.session.execute(
        select(ReferralCode, Customer)
        .join(Customer, Customer.id == ReferralCode.customer_id)
        .where(ReferralCode.code == code)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def ancestors_of(customer_id: int) -> list[int]:
    """The chain upwards, nearest first, in one query."""
    base = (
        select(Referral.referrer_id.label("person"), literal(1).label("level"))
        .where(Referral.referee_id == customer_id, Referral.state != "voided")
        .cte("above", recursive=True)
    )
    step = (
        select(Referral.referrer_id, base.c.level + 1)
        .join(base, Referral.referee_id == base.c.person)
        .where(Referral.state != "voided", base.c.level < DEEPEST)
    )
    above = base.union_all(step)
    return list(db.session.scalars(select(above.c.person).order_by(above.c.level)))


def brought_by(
    customer_id: int, *, before_id: int | None = None, limit: int = PAGE
) -> list[Row[Referral, Customer]]:
    """Whom a customer brought, newest first, with the people, keyset-paged by referral id."""
    query = (
        select(Referral, Customer)
        .join(Customer, Customer.id == Referral.referee_id)
        .where(Referral.referrer_id == customer_id)
    )
    if before_id is not None:
        query = query.where(Referral.id < before_id)
    return list(db.session.execute(query.order_by(Referral.id.desc()).limit(limit)))


def referral_counts(customer_id: int) -> dict[str, int]:
    """State → how many of those a customer brought."""
    rows = db.session.execute(
        select(Referral.state, func.count())
        .where(Referral.referrer_id == customer_id)
        .group_by(Referral.state)
    )
    return dict(rows.all())


def refusals_of(customer_id: int, limit: int = 5) -> list[RefusedReferral]:
    """Attempts of this customer that were refused, newest first."""
    return list(
        db.session.scalars(
            select(RefusedReferral)
            .where(RefusedReferral.referee_id == customer_id)
            .order_by(RefusedReferral.id.desc())
            .limit(limit)
        )
    )


def code_owned_by(customer_id: int) -> ReferralCode | None:
    """The customer's code, if it was made."""
    return db.session.scalar(select(ReferralCode).where(ReferralCode.customer_id == customer_id))


def flagged_page(*, after_id: int = 0, limit: int = PAGE) -> list[Row[Referral, Customer, Customer]]:
    """Flagged edges with referee and referrer, oldest first, keyset-paged by id."""
    referee, referrer = aliased(Customer), aliased(Customer)
    query = (
        select(Referral, referee, referrer)
        .join(referee, referee.id == Referral.referee_id)
        .join(referrer, referrer.id == Referral.referrer_id)
        .where(Referral.state == "flagged", Referral.id > after_id)
        .order_by(Referral.id)
        .limit(limit)
    )
    return list(db.session.execute(query))


def subtree_of(customer_id: int, *, limit: int = 2000) -> list[Row[int, int, str, str, int]]:
    """(referee, referrer, name, state, level) below a customer, level by level, at most `limit` people."""
    base = (
        select(Referral.referee_id.label("person"), literal(1).label("level"))
        .where(Referral.referrer_id == customer_id, Referral.state != "voided")
        .cte("below", recursive=True)
    )
    step = (
        select(Referral.referee_id, base.c.level + 1)
        .join(base, Referral.referrer_id == base.c.person)
        .where(Referral.state != "voided", base.c.level < DEEPEST)
    )
    below = base.union_all(step)
    query = (
        select(
            Referral.referee_id, Referral.referrer_id, Customer.display_name, Referral.state, below.c.level
        )
        .join(below, below.c.person == Referral.referee_id)
        .join(Customer, Customer.id == Referral.referee_id)
        .where(Referral.state != "voided")
        .order_by(below.c.level, Referral.id)
        .limit(limit)
    )
    return list(db.session.execute(query))
