"""The staff list of customers and one customer's story, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from ...accounts.models import Account
from ...customers.identities import normal_value
from ...customers.models import (
    Consent,
    Customer,
    CustomerTag,
    Identity,
    MergeSuggestion,
    ProfileAccess,
    Tag,
    TimelineEntry,
)
from ...customers.mood import mood_word
from ...customers.queries import consents_of, facts_of, names_of, timeline_of
from ...database import db
from ...errors import Invalid
from ...referrals.models import Referral
from ...referrals.queries import referral_counts, referral_of
from ...sentiment.models import OpinionRow

PAGE = 30
TIMELINE_PAGE = 20
MOODS = ("negative", "neutral", "positive", "unknown")
_MOOD_RANGES: dict[str, ColumnElement[bool]] = {
    "negative": Customer.mood < -0.2,
    "neutral": Customer.mood.between(-0.2, 0.2),
    "positive": Customer.mood > 0.2,
    "unknown": Customer.mood.is_(None),
}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed by; empty strings and None narrow nothing."""

    q: str = ""
    tag: str = ""
    mood: str = ""
    #: with or without.
    account: str = ""


def customer_page(
    base: Select[Customer], filters: Filters, before_id: int | None = None
) -> list[tuple[Customer, list[str]]]:
    """A page of customers, newest first, each with its tags' names; two queries."""
    query = _narrowed(base, filters)
    if before_id is not None:
        query = query.where(Customer.id < before_id)
    customers = list(db.session.scalars(query.order_by(Customer.id.desc()).limit(PAGE)))
    tags = _tag_names(customer.id for customer in customers)
    return [(customer, tags.get(customer.id, [])) for customer in customers]


def _narrowed(query: Select[Customer], filters: Filters) -> Select[Customer]:
    if filters.q:
        query = query.where(_answers(filters.q))
    if filters.tag:
        tagged = select(CustomerTag.customer_id).join(Tag).where(Tag.code == filters.tag)
        query = query.where(Customer.id.in_(tagged))
    if filters.mood in MOODS:
        query = query.where(_MOOD_RANGES[filters.mood])
    if filters.account in ("with", "without"):
        has_account = exists().where(Account.customer_id == Customer.id)
        query = query.where(has_account if filters.account == "with" else ~has_account)
    return query


def _answers(typed: str) -> ColumnElement[bool]:
    """Part of the name, or the beginning or the normal form of an identity."""
    typed = typed.strip()[:100]
    keys = {typed.lower()}
    for kind in ("phone", "email"):
        try:
            keys.add(normal_value(kind, typed))
        except Invalid:
            continue
    by_key = or_(*(Identity.value.startswith(key, autoescape=True) for key in sorted(keys)))
    return or_(
        Customer.display_name.contains(typed, autoescape=True),
        Customer.id.in_(select(Identity.customer_id).where(by_key)),
    )


def _tag_names(customer_ids: Iterable[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(CustomerTag.customer_id, Tag.code)
        .join(Tag)
        .where(CustomerTag.customer_id.in_(list(customer_ids)))
        .order_by(CustomerTag.since.desc())
    )
    names: dict[int, list[str]] = {}
    for customer_id, code in rows:
        names.setdefault(customer_id, []).append(code)
    return names


@dataclass(frozen=True)
class Story:
    """Everything a member of staff sees beside a case or a conversation."""

    customer: Customer
    account: Account | None
    identities: list[Identity]
    consents: dict[str, bool]
    profiled: bool
    mood: str
    tags: list[tuple[Tag, CustomerTag]]
    #: Tags staff made themselves that could be given.
    manual_tags: list[Tag]
    facts: dict[str, dict[str, Any]]
    referral: Referral | None
    brought_by: str | None
    brought: dict[str, int]
    opinions: list[OpinionRow]
    suggestions: list[tuple[int, str, str]]


def story_of(customer: Customer, account: Account | None) -> Story:
    """The story in nine queries, however long it is; the timeline pages apart."""
    consents = consents_of(customer.id)
    referral = referral_of(customer.id)
    tags, manual = _tags(customer.id)
    profiled = consents.get("profiling", False)
    return Story(
        customer=customer,
        account=account,
        identities=_identities(customer.id),
        consents=consents,
        profiled=profiled,
        mood=mood_word(customer.mood),
        tags=tags,
        manual_tags=manual,
        facts=facts_of(customer.id),
        referral=referral,
        brought_by=names_of([referral.referrer_id]).get(referral.referrer_id) if referral else None,
        brought=referral_counts(customer.id),
        opinions=_opinions(customer.id) if profiled else [],
        suggestions=_suggestions(customer.id),
    )


def _tags(customer_id: int) -> tuple[list[tuple[Tag, CustomerTag]], list[Tag]]:
    """The customer's tags, and the manual ones that could be given; one query."""
    held = and_(CustomerTag.tag_id == Tag.id, CustomerTag.customer_id == customer_id)
    query = select(Tag, CustomerTag).outerjoin(CustomerTag, held)
    query = query.where(or_(CustomerTag.tag_id.is_not(None), Tag.kind == "manual"))
    rows = db.session.execute(query.order_by(Tag.name).limit(300)).all()
    return [(row[0], row[1]) for row in rows if row[1]], [row[0] for row in rows if row[0].kind == "manual"]


def _identities(customer_id: int) -> list[Identity]:
    query = select(Identity).where(Identity.customer_id == customer_id, Identity.kind != "visitor")
    return list(db.session.scalars(query.order_by(Identity.id)))


def _opinions(customer_id: int) -> list[OpinionRow]:
    query = select(OpinionRow).where(OpinionRow.customer_id == customer_id)
    return list(db.session.scalars(query.order_by(OpinionRow.at.desc(), OpinionRow.id.desc()).limit(5)))


def _suggestions(customer_id: int) -> list[tuple[int, str, str]]:
    """(other customer's id, name, what they share)."""
    other = func.coalesce(func.nullif(MergeSuggestion.other_id, customer_id), MergeSuggestion.customer_id)
    rows = db.session.execute(
        select(Customer.id, Customer.display_name, MergeSuggestion.reason)
        .join(MergeSuggestion, Customer.id == other)
        .where(or_(MergeSuggestion.customer_id == customer_id, MergeSuggestion.other_id == customer_id))
    )
    return [(row[0], row[1], row[2]) for row in rows]


def timeline_page(customer_id: int, before: tuple[datetime, int] | None) -> list[TimelineEntry]:
    """A page of the timeline, newest first."""
    return timeline_of(customer_id, limit=TIMELINE_PAGE, before=before)


def consent_history(customer_id: int, limit: int = 100) -> list[Consent]:
    """What was given and withdrawn, newest first."""
    query = select(Consent).where(Consent.customer_id == customer_id)
    return list(db.session.scalars(query.order_by(Consent.id.desc()).limit(limit)))


def accesses_of(
    customer_id: int, before_id: int | None = None, limit: int = 30
) -> list[tuple[ProfileAccess, str, str]]:
    """Who looked at the profile: (access, name, role or 'program'), newest first, keyset-paged by id."""
    query = (
        select(
            ProfileAccess,
            func.coalesce(ProfileAccess.program, Customer.display_name),
            func.coalesce(Account.role, "program"),
        )
        .outerjoin(Account, Account.id == ProfileAccess.account_id)
        .outerjoin(Customer, Customer.id == Account.customer_id)
        .where(ProfileAccess.customer_id == customer_id)
    )
    if before_id is not None:
        query = query.where(ProfileAccess.id < before_id)
    rows = db.session.execute(query.order_by(ProfileAccess.id.desc()).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
