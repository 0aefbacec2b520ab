"""The customer's story beside an alert, a case or a conversation: read from `customers`, with who looked written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..accounts.models import Account
from ..customers.actions import record_profile_access
from ..customers.models import Customer, CustomerTag, ProfileAccess, Tag, TimelineEntry
from ..customers.mood import mood_word
from ..customers.queries import facts_of, names_of, tags_of, timeline_of
from ..database import db, utcnow
from ..shop.queries import spent_by
from .cases.models import Case

LATEST = 12
#: Looking again within this time is one look.
ONE_LOOK = timedelta(minutes=3)


@dataclass(frozen=True)
class Story:
    """What the third pane shows."""

    customer: Customer
    mood: str
    tags: list[tuple[Tag, CustomerTag]]
    facts: dict[str, dict[str, Any]]
    timeline: list[TimelineEntry]
    cases: list[Case]
    #: Orders and cents net of refunds.
    orders: int
    spent_cents: int
    #: Who brought the customer: (id, name).
    brought_by: tuple[int, str] | None


def story_of(customer: Customer) -> Story:
    """Who the customer is, what is known, what was said before: at most seven queries whatever the history."""
    facts = facts_of(customer.id)
    orders, spent = spent_by([customer.id]).get(customer.id, (0, 0))
    return Story(
        customer=customer,
        mood=mood_word(customer.mood),
        tags=tags_of(customer.id),
        facts=facts,
        timeline=timeline_of(customer.id, limit=LATEST),
        cases=list(
            db.session.scalars(
                select(Case)
                .options(joinedload(Case.team))
                .where(Case.customer_id == customer.id)
                .order_by(Case.id.desc())
                .limit(5)
            )
        ),
        orders=orders,
        spent_cents=spent,
        brought_by=_brought_by(facts),
    )


def _brought_by(facts: dict[str, dict[str, Any]]) -> tuple[int, str] | None:
    referrer = facts.get("referrals.brought_by", {}).get("customer_id")
    if referrer is None:
        return None
    return referrer, names_of([referrer]).get(referrer, "")


def note_look(customer_id: int, account: Account, reason: str) -> None:
    """Write down who looked at the customer and from where, in the caller's transaction; once in ONE_LOOK."""
    recent = db.session.scalar(
        select(ProfileAccess.id)
        .where(
            ProfileAccess.customer_id == customer_id,
            ProfileAccess.account_id == account.id,
            ProfileAccess.reason == reason,
            ProfileAccess.at > utcnow() - ONE_LOOK,
        )
        .limit(1)
    )
    if recent is None:
        record_profile_access(customer_id, account.id, reason)
