"""What screens, reactions and other areas read of customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from ..database import db
from .identities import normal_value
from .models import Consent, Customer, CustomerFact, CustomerTag, Identity, Tag, TimelineEntry


def has_consent(customer_id: int, purpose: str) -> bool:
    """Whether the newest entry of the consent history grants the purpose; `service` rests on the contract."""
    if purpose == "service":
        return True
    newest = db.session.scalar(
        select(Consent.granted)
        .where(Consent.customer_id == customer_id, Consent.purpose == purpose)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return bool(newest)


def consenting(customer_ids: Iterable[int], purpose: str) -> set[int]:
    """Those of `customer_ids` whose newest entry grants the purpose, in one query."""
    newest = (
        select(func.max(Consent.id))
        .where(Consent.customer_id.in_(list(customer_ids)), Consent.purpose == purpose)
        .group_by(Consent.customer_id)
    )
    return set(db.session.scalars(select(Consent.customer_id).where(Consent.id.in_(newest), Consent.granted)))


def consents_of(customer_id: int) -> dict[str, bool]:
    """Purpose → in force."""
    rows = db.session.execute(
        select(Consent.purpose, Consent.granted)
        .where(Consent.customer_id == customer_id)
        .order_by(Consent.id)
    )
    return {row.purpose: row.granted for row in rows}


def customer_by_identity(kind: str, value: str) -> Customer | None:
    """The customer who has proven this key; unverified keys never match."""
    return db.session.scalar(
        select(Customer)
        .join(Identity)
        .where(
            Identity.kind == kind,
            Identity.value == normal_value(kind, value),
            Identity.verified_at.is_not(None),
        )
    )


def customers_by_identity(kind: str, values: Iterable[str]) -> dict[str, int]:
    """Value, in its normal form, → id of the customer who has proven it, in one query."""
    rows = db.session.execute(
        select(Identity.value, Identity.customer_id).where(
            Identity.kind == kind, Identity.value.in_(list(values)), Identity.verified_at.is_not(None)
        )
    )
    return {row.value: row.customer_id for row in rows}


def tags_of(customer_id: int) -> list[tuple[Tag, CustomerTag]]:
    """Tags with since and evidence, by name."""
    rows = db.session.execute(
        select(Tag, CustomerTag)
        .join(CustomerTag, CustomerTag.tag_id == Tag.id)
        .where(CustomerTag.customer_id == customer_id)
        .order_by(Tag.name)
    )
    return [(row[0], row[1]) for row in rows]


def facts_of(customer_id: int) -> dict[str, dict[str, Any]]:
    """Fact name → value."""
    rows = db.session.scalars(select(CustomerFact).where(CustomerFact.customer_id == customer_id))
    return {row.name: row.value for row in rows}


def timeline_of(
    customer_id: int, *, limit: int = 20, before: tuple[Any, int] | None = None
) -> list[TimelineEntry]:
    """Newest first; `before` is the (at, id) key of the last one seen."""
    query = select(TimelineEntry).where(TimelineEntry.customer_id == customer_id)
    if before is not None:
        at, entry_id = before
        query = query.where(
            (TimelineEntry.at < at) | ((TimelineEntry.at == at) & (TimelineEntry.id < entry_id))
        )
    return list(
        db.session.scalars(query.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc()).limit(limit))
    )


def names_of(customer_ids: Iterable[int]) -> dict[int, str]:
    """Customer id → display name, in one query."""
    rows = db.session.execute(
        select(Customer.id, Customer.display_name).where(Customer.id.in_(list(customer_ids)))
    )
    return {row.id: row.display_name for row in rows}
