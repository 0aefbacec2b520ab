"""Verbs that change something about customers. All run inside the caller's transaction()."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from ..database import db, utcnow
from ..errors import Conflict, Invalid
from ..events import announce
from .events import ConsentChanged, CustomerChanged, CustomerCreated, IdentityVerified
from .identities import normal_value
from .intake import Line, NewCustomer, take_in_customers, take_in_timeline
from .models import (
    PURPOSES,
    Consent,
    Customer,
    CustomerFact,
    CustomerTag,
    Identity,
    MergeSuggestion,
    ProfileAccess,
    Tag,
    TimelineEntry,
)
from .mood import next_mood
from .queries import consenting, customer_by_identity, customers_by_identity, has_consent
from .tagging import shipped_tags

EARLIEST_BIRTHDAY = date(1900, 1, 1)
#: A program that reads the same customer again within this time is written down once.
LOOKS_TOGETHER = timedelta(minutes=10)


def create_customer(display_name: str, *, source: str, at: datetime | None = None, **facts: Any) -> Customer:
    """A new customer; `facts` are columns such as city, gender, birthday."""
    name = " ".join(display_name.split())[:60]
    if not name:
        raise Invalid("name_missing", field="display_name")
    customer = Customer(display_name=name, source=source, created_at=at or utcnow(), bio="", **facts)
    db.session.add(customer)
    db.session.flush()
    announce(CustomerCreated(customer.id))
    return customer


@dataclass(frozen=True)
class Key:
    """A key under which a program knows a customer; only a verified one finds anybody."""

    kind: str
    value: str
    verified: bool


def keep_customer(keys: Sequence[Key], *, name: str | None, source: str) -> tuple[Customer, bool]:
    """The customer whom one of the verified keys names, else a new one; every key is attached. True when new.

    Raises Invalid `identity_needed` without a verified key, `name_missing` for a new one without a name,
    Conflict `identity_taken` when the keys belong to several people.
    """
    verified = [key for key in keys if key.verified]
    if not verified:
        raise Invalid("identity_needed", field="shop")
    found = (customer_by_identity(key.kind, key.value) for key in verified)
    customer = next((each for each in found if each is not None), None)
    is_new = customer is None
    if customer is None:
        customer = create_customer(name or "", source=source)
    for key in keys:
        add_identity(customer, key.kind, key.value, verified=key.verified)
    return customer, is_new


def keep_customers_of_shop(people: Mapping[str, tuple[str, datetime]]) -> dict[str, int]:
    """Shop's number → customer id, for many at once; `people` holds the name and the date of those not yet known."""
    if not people:
        return {}
    normal = {number: normal_value("shop", number) for number in people}
    known = customers_by_identity("shop", normal.values())
    new = {normal[number]: who for number, who in people.items() if normal[number] not in known}
    if new:
        rows = [
            NewCustomer(" ".join(name.split())[:60], "import", at, identities=[("shop", number)])
            for number, (name, at) in new.items()
        ]
        known.update(zip(new, take_in_customers(rows), strict=True))
        _announce_customers([known[number] for number in new])
    return {number: known[normal[number]] for number in people}


def _announce_customers(ids: Sequence[int]) -> None:
    proven = dict(
        db.session.execute(
            select(Identity.customer_id, Identity.id).where(Identity.customer_id.in_(ids))
        ).all()
    )
    for customer_id in ids:
        announce(CustomerCreated(customer_id))
        announce(IdentityVerified(customer_id, proven[customer_id]))


def change_profile(
    customer: Customer,
    *,
    display_name: str,
    city: str | None,
    gender: str | None,
    birthday: date | None,
    bio: str,
) -> None:
    """What the customer tells of themselves; raises Invalid `name_missing`, `birthday_invalid`."""
    name = " ".join(display_name.split())[:60]
    if not name:
        raise Invalid("name_missing", field="display_name")
    if birthday is not None and not EARLIEST_BIRTHDAY <= birthday <= utcnow().date():
        raise Invalid("birthday_invalid", field="birthday")
    customer.display_name, customer.bio = name, bio.strip()[:300]
    customer.city = " ".join((city or "").split())[:60] or None
    customer.gender, customer.birthday = gender or None, birthday
    db.session.flush()
    announce(CustomerChanged(customer.id))


def add_identity(customer: Customer, kind: str, value: str, *, verified: bool = False) -> Identity:
    """Attach a key; a verified one that belongs to somebody else is refused (Conflict `identity_taken`)."""
    value = normal_value(kind, value)
    own = db.session.scalar(
        select(Identity).where(
            Identity.customer_id == customer.id, Identity.kind == kind, Identity.value == value
        )
    )
    if own is None:
        own = Identity(customer_id=customer.id, kind=kind, value=value, created_at=utcnow())
        db.session.add(own)
    if verified and own.verified_at is None:
        verify_identity(own)
    db.session.flush()
    return own


def verify_identity(identity: Identity) -> None:
    """Mark the key as proven; refused when another customer has proven it (Conflict `identity_taken`)."""
    taken = db.session.scalar(
        select(Identity.id).where(
            Identity.kind == identity.kind,
            Identity.value == identity.value,
            Identity.verified_at.is_not(None),
            Identity.customer_id != identity.customer_id,
        )
    )
    if taken is not None:
        raise Conflict("identity_taken", field=identity.kind)
    identity.verified_at = utcnow()
    db.session.flush()
    announce(IdentityVerified(identity.customer_id, identity.id))


def set_consent(
    customer_id: int,
    purpose: str,
    granted: bool,
    *,
    source: str,
    text_version: int | None = None,
    proof: str | None = None,
    at: datetime | None = None,
) -> None:
    """Append to the consent history when it changes what is in force."""
    if purpose not in PURPOSES:
        raise Invalid("unknown_purpose", field="purpose", purpose=purpose)
    if has_consent(customer_id, purpose) == granted:
        return
    db.session.add(
        Consent(
            customer_id=customer_id,
            purpose=purpose,
            granted=granted,
            source=source,
            text_version=text_version,
            proof=proof,
            at=at or utcnow(),
        )
    )
    if purpose == "profiling" and not granted:
        forget_profile(customer_id)
    announce(ConsentChanged(customer_id, purpose, granted))


def forget_profile(customer_id: int) -> None:
    """Without profiling consent nothing computed stays: mood, rule and model tags, facts."""
    customer = db.session.get_one(Customer, customer_id)
    customer.mood = customer.mood_at = None
    computed = select(Tag.id).where(Tag.kind != "manual")
    db.session.execute(
        delete(CustomerTag).where(CustomerTag.customer_id == customer_id, CustomerTag.tag_id.in_(computed))
    )
    db.session.execute(delete(CustomerFact).where(CustomerFact.customer_id == customer_id))


def _line_of(customer_id: int, kind: str, subject: str, subject_id: int) -> TimelineEntry | None:
    return db.session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.customer_id == customer_id,
            TimelineEntry.kind == kind,
            TimelineEntry.subject == subject,
            TimelineEntry.subject_id == subject_id,
        )
    )


def record_on_timeline(
    customer_id: int, kind: str, subject: str, subject_id: int, at: datetime, **facts: Any
) -> None:
    """Add or refresh one line of the customer's history; the same subject is never listed twice."""
    entry = _line_of(customer_id, kind, subject, subject_id)
    if entry is None:
        db.session.add(
            TimelineEntry(
                customer_id=customer_id, at=at, kind=kind, subject=subject, subject_id=subject_id, facts=facts
            )
        )
    else:
        entry.facts = {**entry.facts, **facts}


def record_many_on_timeline(lines: Sequence[Line]) -> None:
    """`record_on_timeline` for many lines in two statements and one more a line that was there."""
    keys = {(line.customer_id, line.kind, line.subject, line.subject_id): line for line in lines}
    if not keys:
        return
    columns = (
        TimelineEntry.customer_id,
        TimelineEntry.kind,
        TimelineEntry.subject,
        TimelineEntry.subject_id,
    )
    present = db.session.scalars(
        select(TimelineEntry).where(
            *(column.in_({key[place] for key in keys}) for place, column in enumerate(columns))
        )
    )
    for entry in present:
        line = keys.pop((entry.customer_id, entry.kind, entry.subject, entry.subject_id), None)
        if line is not None:
            entry.facts = {**entry.facts, **line.facts}
    take_in_timeline(list(keys.values()))


def record_moods(scores: Sequence[tuple[int, float, datetime]]) -> None:
    """Fold texts' scores (customer, −1 … 1, when) into moods, in the order given; nothing without profiling consent."""
    ids = consenting({customer_id for customer_id, _, _ in scores}, "profiling")
    locked = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
    customers = {row.id: row for row in db.session.scalars(locked)} if ids else {}
    for customer_id, score, at in scores:
        customer = customers.get(customer_id)
        if customer is not None:
            customer.mood = next_mood(customer.mood, customer.mood_at, score, at)
            customer.mood_at = max(at, customer.mood_at) if customer.mood_at else at


def change_timeline_facts(customer_id: int, kind: str, subject: str, subject_id: int, **facts: Any) -> None:
    """Put right what a line of the timeline says beside its kind; nothing when there is no such line."""
    entry = _line_of(customer_id, kind, subject, subject_id)
    if entry is not None:
        entry.facts = {**entry.facts, **facts}


def define_tag(code: str, name: str, kind: str, definition: str) -> Tag:
    """Create or reword a tag."""
    tag = db.session.scalar(select(Tag).where(Tag.code == code))
    if tag is None:
        tag = Tag(code=code, name=name, kind=kind, definition=definition)
        db.session.add(tag)
    tag.name, tag.definition = name, definition
    db.session.flush()
    return tag


def put_tag(customer_id: int, code: str, **evidence: Any) -> None:
    """Give the customer a tag with its evidence; computed tags need the profiling consent."""
    tag = tag_called(code)
    if tag.kind != "manual" and not has_consent(customer_id, "profiling"):
        return
    row = db.session.get(CustomerTag, (customer_id, tag.id))
    if row is None:
        db.session.add(CustomerTag(customer_id=customer_id, tag_id=tag.id, since=utcnow(), evidence=evidence))
        db.session.flush()
        announce(CustomerChanged(customer_id))
    else:
        row.evidence = evidence


def tag_called(code: str) -> Tag:
    """The tag with the code; one that this version ships is stored at its first use. Invalid `unknown_tag`."""
    tag = db.session.scalar(select(Tag).where(Tag.code == code))
    if tag is not None:
        return tag
    shipped = shipped_tags().get(code)
    if shipped is None:
        raise Invalid("unknown_tag", field="tag", tag=code)
    return define_tag(code, shipped.name, shipped.kind, shipped.definition)


def take_tag(customer_id: int, code: str) -> None:
    """Remove a tag if the customer has it."""
    row = db.session.scalar(
        select(CustomerTag).join(Tag).where(CustomerTag.customer_id == customer_id, Tag.code == code)
    )
    if row is not None:
        db.session.delete(row)
        db.session.flush()
        announce(CustomerChanged(customer_id))


def put_fact(customer_id: int, name: str, /, **value: Any) -> None:
    """Set what a higher area tells of the customer; computed facts need the profiling consent."""
    if not has_consent(customer_id, "profiling"):
        return
    row = db.session.get(CustomerFact, (customer_id, name))
    if row is None:
        db.session.add(CustomerFact(customer_id=customer_id, name=name, value=value, at=utcnow()))
    else:
        row.value, row.at = value, utcnow()


def record_profile_access(customer_id: int, account_id: int, reason: str) -> None:
    """Write down who looked at whom."""
    db.session.add(ProfileAccess(customer_id=customer_id, account_id=account_id, at=utcnow(), reason=reason))


def record_program_access(customer_ids: Iterable[int], program: str, reason: str) -> None:
    """Write down which integration looked at whom; looks within ten minutes are one."""
    ids, now = set(customer_ids), utcnow()
    lately = select(ProfileAccess.customer_id).where(
        ProfileAccess.customer_id.in_(ids),
        ProfileAccess.program == program,
        ProfileAccess.reason == reason,
        ProfileAccess.at > now - LOOKS_TOGETHER,
    )
    for customer_id in sorted(ids - set(db.session.scalars(lately))):
        db.session.add(ProfileAccess(customer_id=customer_id, program=program, at=now, reason=reason))


def suggest_merge(customer_id: int, other_id: int, *, reason: str) -> None:
    """Ask staff to look whether two rows are one person; the same pair is suggested once."""
    present = select(MergeSuggestion.id).where(
        MergeSuggestion.customer_id == customer_id, MergeSuggestion.other_id == other_id
    )
    if db.session.scalar(present) is None:
        db.session.add(
            MergeSuggestion(customer_id=customer_id, other_id=other_id, reason=reason, at=utcnow())
        )
        db.session.flush()
