"""Take in many customers at once, with what is known of them. Inside transaction(); announces nothing.

For who brings a whole past with them (the demo brand): what one customer's actions keep true, this keeps too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from ..database import db
from .identities import normal_value
from .models import Consent, Customer, Identity, TimelineEntry


@dataclass(frozen=True)
class NewCustomer:
    """A customer to be; `identities` (kind, value) are proven ones, `consents` the purposes said yes to."""

    display_name: str
    source: str
    at: datetime
    city: str | None = None
    gender: str | None = None
    birthday: date | None = None
    bio: str = ""
    last_seen_at: datetime | None = None
    identities: Sequence[tuple[str, str]] = ()
    consents: Sequence[str] = ()
    consent_source: str = "sign_up"
    text_version: int | None = 1


@dataclass(frozen=True)
class Line:
    """A line of a customer's timeline."""

    customer_id: int
    kind: str
    subject: str
    subject_id: int
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


def take_in_customers(people: Sequence[NewCustomer]) -> list[int]:
    """Their ids, in the order given. Identities must be nobody else's (IntegrityError)."""
    rows = [
        {
            "display_name": one.display_name,
            "source": one.source,
            "created_at": one.at,
            "city": one.city,
            "gender": one.gender,
            "birthday": one.birthday,
            "bio": one.bio,
            "last_seen_at": one.last_seen_at,
        }
        for one in people
    ]
    found = db.session.scalars(insert(Customer).returning(Customer.id, sort_by_parameter_order=True), rows)
    ids = list(found)
    identities = [
        {
            "customer_id": customer_id,
            "kind": kind,
            "value": normal_value(kind, value),
            "verified_at": one.at,
            "created_at": one.at,
        }
        for customer_id, one in zip(ids, people, strict=True)
        for kind, value in one.identities
    ]
    consents = [
        {
            "customer_id": customer_id,
            "purpose": purpose,
            "granted": True,
            "text_version": one.text_version,
            "source": one.consent_source,
            "at": one.at,
        }
        for customer_id, one in zip(ids, people, strict=True)
        for purpose in one.consents
    ]
    _insert(Identity, identities)
    _insert(Consent, consents)
    return ids


def take_in_timeline(lines: Sequence[Line]) -> None:
    """Write lines that are not there yet."""
    _insert(
        TimelineEntry,
        [
            {
                "customer_id": line.customer_id,
                "kind": line.kind,
                "subject": line.subject,
                "subject_id": line.subject_id,
                "at": line.at,
                "facts": line.facts,
            }
            for line in lines
        ],
    )


def _insert(model: type, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)
