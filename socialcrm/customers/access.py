"""Which customers a program may reach: all that were not merged away."""

from __future__ import annotations

from sqlalchemy import Select, select

from ..database import db
from ..errors import NotFound
from .models import Customer


def customers_visible_to_programs() -> Select[Customer]:
    """The statement lists begin with."""
    return select(Customer).where(Customer.merged_into_id.is_(None))


def customer_for_program(customer_id: int) -> Customer:
    """The customer; NotFound `customer_unknown`, or `customer_merged` with the id that took its place."""
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("customer_unknown")
    if customer.merged_into_id is not None:
        raise NotFound("customer_merged", into=customer.merged_into_id)
    return customer
