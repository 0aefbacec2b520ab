"""Which customers staff may see: all of them, and nobody else may."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import lazyload

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ...errors import Forbidden, NotFound


def customer_for(account: Account, customer_id: int) -> Customer:
    """The customer for a member of staff; Forbidden for others, NotFound when there is none."""
    return customer_with_account(account, customer_id)[0]


def customer_with_account(viewer: Account, customer_id: int) -> tuple[Customer, Account | None]:
    """The customer and their account, if any, in one query; Forbidden, NotFound like `customer_for`."""
    if not viewer.staff:
        raise Forbidden
    row = db.session.execute(
        select(Customer, Account)
        .outerjoin(Account, Account.customer_id == Customer.id)
        .options(lazyload(Account.customer))
        .where(Customer.id == customer_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def customers_visible_to(account: Account) -> Select[Customer]:
    """The statement lists begin with: everybody who was not merged into somebody else."""
    if not account.staff:
        raise Forbidden
    return select(Customer).where(Customer.merged_into_id.is_(None))
