"""Take in many members' accounts at once. Inside transaction(); announces nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from ..customers.identities import normal_email
from ..database import db
from .models import Account


@dataclass(frozen=True)
class NewAccount:
    """A member's account; without a password hash it is opened by resetting the password."""

    customer_id: int
    email: str
    password_hash: str | None
    at: datetime


def take_in_accounts(accounts: Sequence[NewAccount]) -> list[int]:
    """Their ids, in the order given; an address that is taken is refused (IntegrityError)."""
    found = db.session.scalars(
        insert(Account).returning(Account.id, sort_by_parameter_order=True),
        [
            {
                "customer_id": one.customer_id,
                "email": normal_email(one.email),
                "password": one.password_hash,
                "created_at": one.at,
            }
            for one in accounts
        ],
    )
    return list(found)
