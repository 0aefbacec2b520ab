"""Compute a customer's model and rule tags. Inside transaction(); nothing without the profiling consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ..database import db, step_of_long_work, utcnow
from .actions import put_tag, take_tag
from .models import Customer, CustomerFact, CustomerTag, Tag, TimelineEntry
from .mood import next_mood
from .queries import consenting, has_consent
from .tagging import PERIOD_DAYS, TagChange, Traces, opinion_tags, tags_of_opinion, tags_of_traces

#: Lines of the timeline that are not the customer's own doing.
NOT_OWN_DOING = ("signed_up", "account_attached", "came_by", "referral_converted", "points", "case_assigned")
BATCH = 200


def tag_from_opinion(
    customer_id: int, opinion: Mapping[str, Any], *, subject: str = "", subject_id: int | None = None
) -> None:
    """Fold one opinion (its JSON form) into the model tags; the text it is about is kept as evidence by id."""
    if not has_consent(customer_id, "profiling"):
        return
    change = tags_of_opinion(opinion)
    source = {"subject": subject, "subject_id": subject_id} if subject else {}
    for evidence in change.put.values():
        evidence.update(source)
    _apply(customer_id, change)


@dataclass(frozen=True)
class Read:
    """What was read in one text: its score for the mood (−1 … 1), the engine's whole answer, and which text it is."""

    at: datetime
    score: float
    answer: Mapping[str, Any]
    subject: str
    subject_id: int


def read_again(customer_id: int, texts: Sequence[Read]) -> None:
    """Derive the mood and the model tags again from all of a customer's texts, oldest first."""
    if not has_consent(customer_id, "profiling"):
        return
    customer = db.session.get_one(Customer, customer_id, with_for_update=True)
    mood, mood_at = None, None
    told = TagChange()
    for text in texts:
        mood = next_mood(mood, mood_at, text.score, text.at)
        mood_at = text.at
        change = tags_of_opinion(text.answer)
        source = {"subject": text.subject, "subject_id": text.subject_id}
        for code, evidence in change.put.items():
            told.put[code] = {**evidence, **source}
        for code in change.take:
            told.put.pop(code, None)
    customer.mood, customer.mood_at = mood, mood_at
    told.take = (opinion_tags() & _model_tags_of(customer_id)) - told.put.keys()
    _apply(customer_id, told)


def _model_tags_of(customer_id: int) -> set[str]:
    query = select(Tag.code).join(CustomerTag).where(CustomerTag.customer_id == customer_id)
    return set(db.session.scalars(query.where(Tag.kind == "model")))


def retag(customer_id: int, now: datetime | None = None) -> None:
    """Work out the rule tags again from the timeline and the facts."""
    if not has_consent(customer_id, "profiling"):
        return
    customer = db.session.get(Customer, customer_id)
    if customer is not None:
        _apply(customer_id, tags_of_traces(_traces([customer], now or utcnow())[customer_id]))


def retag_everybody() -> int:
    """The nightly round over everybody who consented, in short transactions; returns how many were looked at."""
    looked, last = 0, 0
    while True:
        with step_of_long_work():
            ids = list(
                db.session.scalars(
                    select(Customer.id)
                    .where(Customer.id > last, Customer.merged_into_id.is_(None))
                    .order_by(Customer.id)
                    .limit(BATCH)
                )
            )
            retag_many(consenting(ids, "profiling"))
        if not ids:
            return looked
        looked, last = looked + len(ids), ids[-1]


def retag_many(customer_ids: set[int]) -> None:
    """`retag` for customers who consented, in three queries and those that change something."""
    if not customer_ids:
        return
    customers = list(db.session.scalars(select(Customer).where(Customer.id.in_(customer_ids))))
    present = _rule_tags_of(customer_ids)
    for customer_id, traces in _traces(customers, utcnow()).items():
        change = tags_of_traces(traces)
        has = present.get(customer_id, set())
        change.take &= has
        change.put = {code: evidence for code, evidence in change.put.items() if code not in has}
        _apply(customer_id, change)


def _rule_tags_of(customer_ids: set[int]) -> dict[int, set[str]]:
    rows = db.session.execute(
        select(CustomerTag.customer_id, Tag.code)
        .join(Tag)
        .where(CustomerTag.customer_id.in_(customer_ids), Tag.kind == "rule")
    )
    found: dict[int, set[str]] = {}
    for customer_id, code in rows:
        found.setdefault(customer_id, set()).add(code)
    return found


def _traces(customers: list[Customer], now: datetime) -> dict[int, Traces]:
    """Customer id → traces, in two queries however many there are."""
    ids = [customer.id for customer in customers]
    since = now - timedelta(days=PERIOD_DAYS)
    own = (TimelineEntry.customer_id.in_(ids), TimelineEntry.kind.not_in(NOT_OWN_DOING))
    rows = db.session.execute(
        select(
            TimelineEntry.customer_id,
            func.max(TimelineEntry.at),
            func.count().filter(TimelineEntry.at >= since),
        )
        .where(*own)
        .group_by(TimelineEntry.customer_id)
    )
    activity = {row[0]: (row[1], row[2]) for row in rows}
    facts: dict[int, dict[str, dict[str, Any]]] = {}
    for fact in db.session.scalars(select(CustomerFact).where(CustomerFact.customer_id.in_(ids))):
        facts.setdefault(fact.customer_id, {})[fact.name] = fact.value
    return {c.id: _traces_of(c, activity.get(c.id), facts.get(c.id, {}), now) for c in customers}


def _traces_of(
    customer: Customer,
    activity: tuple[datetime, int] | None,
    facts: dict[str, dict[str, Any]],
    now: datetime,
) -> Traces:
    last, recent = activity or (customer.created_at, 0)
    shop, referrals = facts.get("shop.orders", {}), facts.get("referrals.invited", {})
    return Traces(
        known_days=(now - customer.created_at).days,
        silent_days=(now - last).days,
        recent=recent,
        orders=int(shop.get("count", 0)),
        spent_cents=int(shop.get("net_cents", 0)),
        converted_referrals=int(referrals.get("approved", 0)),
        mood=customer.mood,
    )


def _apply(customer_id: int, change: TagChange) -> None:
    for code, evidence in change.put.items():
        put_tag(customer_id, code, **evidence)
    for code in change.take:
        take_tag(customer_id, code)
