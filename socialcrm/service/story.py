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
from ..customers.queries import facts_of, tags_of, timeline_of
from ..database import db, utcnow
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


def story_of(customer: Customer) -> Story:
    """Who the customer is, what is known, what was said before: four queries whatever the history."""
    return Story(
        customer=customer,
        mood=mood_word(customer.mood),
        tags=tags_of(customer.id),
        facts=facts_of(customer.id),
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
    )


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
