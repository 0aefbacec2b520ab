"""Customers as documents: built here, because the customers area stands below this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..customers.models import Customer
from ..database import db
from .actions import Source
from .documents import STAFF, Document

#: Identities by which staff look somebody up; a visitor's cookie is none.
NAMED_BY = ("email", "phone", "shop", "wechat_openid", "wechat_unionid")


def customer_ids_after(last: int, limit: int) -> Sequence[int]:
    """The next customer ids in ascending order."""
    query = select(Customer.id).where(Customer.id > last).order_by(Customer.id).limit(limit)
    return db.session.scalars(query).all()


def customer_documents(ids: Sequence[int]) -> Iterator[Document]:
    """Those of `ids` that are still customers of their own: found by name, city and identities, by staff only."""
    query = (
        select(Customer)
        .where(Customer.id.in_(ids), Customer.merged_into_id.is_(None))
        .options(selectinload(Customer.identities))
    )
    for customer in db.session.scalars(query):
        keys = [identity.value for identity in customer.identities if identity.kind in NAMED_BY]
        yield Document(
            kind="customer",
            id=customer.id,
            title=customer.display_name,
            body=" ".join([*keys, customer.city or ""]).strip(),
            url=f"/desk/customers/{customer.id}",
            audience=STAFF,
            at=customer.created_at,
            customer_id=customer.id,
        )


CUSTOMERS = Source("customer", customer_ids_after, customer_documents)
