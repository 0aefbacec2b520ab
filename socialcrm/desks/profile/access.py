"""Whose card is there: everybody who signed up and is still here."""

from __future__ import annotations

from sqlalchemy import select

from ...accounts.models import Account
from ...database import db
from ...errors import NotFound


def member_for(customer_id: int) -> Account:
    """The active account of a customer; NotFound for those the brand only knows from a shop or a channel."""
    account = db.session.scalar(select(Account).where(Account.customer_id == customer_id, Account.active))
    if account is None:
        raise NotFound
    return account
