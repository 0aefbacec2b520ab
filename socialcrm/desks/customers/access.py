"""Which customers staff may see: all of them, and nobody else may."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ...errors import Forbidden, NotFound


def customer_for(account: Account, customer_id: int) -> Customer:
    """The customer for a member of staff; Forbidden for others, NotFound when there is none."""
    if not account.staff:
        raise Forbidden
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    return customer


def customers_visible_to(account: Account) -> Select[Customer]:
    """The statement lists begin with: everybody who was not merged into somebody else."""
    if not account.staff:
        raise Forbidden
    return select(Customer).where(Customer.merged_into_id.is_(None))
