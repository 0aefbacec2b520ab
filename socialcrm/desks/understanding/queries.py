"""What the screens of this room read beside the engine's answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ...sentiment.models import Correction


@dataclass(frozen=True)
class Told:
    """A correction in force, with who made it."""

    correction: Correction
    name: str


def corrections_told(opinion_id: int) -> list[Told]:
    """What staff said of an opinion and did not take back, newest first, in one query."""
    rows = db.session.execute(
        select(Correction, Customer.display_name)
        .join(Account, Account.id == Correction.account_id)
        .join(Customer, Customer.id == Account.customer_id)
        .where(Correction.opinion_id == opinion_id, Correction.withdrawn_at.is_(None))
        .order_by(Correction.id.desc())
        .limit(50)
    )
    return [Told(row[0], row[1]) for row in rows]


def corrections_by_ids(ids: list[int]) -> list[Correction]:
    """The corrections that exist, in the order of their ids."""
    return list(db.session.scalars(select(Correction).where(Correction.id.in_(ids)).order_by(Correction.id)))
