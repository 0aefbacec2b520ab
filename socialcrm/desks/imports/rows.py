"""One row of a file becomes what it says: each function makes it once and tells whether it was there already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...community.groups.models import Group
from ...community.topics.actions import open_topic, publish_post
from ...community.topics.models import Post, Topic
from ...customers.actions import add_identity, create_customer, set_consent
from ...customers.models import PURPOSES, Customer
from ...customers.queries import customer_by_identity
from ...database import db, utcnow
from ...errors import Conflict
from ...referrals.actions import add_edge
from ...referrals.queries import referral_of
from ...shop.actions import Line, place_order, refund_order
from ...shop.models import Order
from .fields import BadValue, parse_cents, parse_count, parse_time


@dataclass(frozen=True)
class Options:
    """What the command line or the form says for what the file lacks."""

    source: str
    zone: ZoneInfo
    group_id: int | None = None
    topic_title: str | None = None
    author: str | None = None
    at: datetime | None = None
    currency: str | None = None


Maker = Callable[[Mapping[str, str], str, Options], bool]


def make_customer(row: Mapping[str, str], key: str, options: Options) -> bool:
    """A customer by shop number, verified email or phone; consents only with their proof. True when new."""
    number = row.get("id") or key
    present = customer_by_identity("shop", number)
    customer = present or create_customer(
        row["name"], source="import", at=_at(row, options), **_facts(row, options)
    )
    add_identity(customer, "shop", number, verified=True)
    for kind in ("email", "phone"):
        if row.get(kind):
            add_identity(customer, kind, row[kind])
    _consents(customer, row)
    return present is None


def _facts(row: Mapping[str, str], options: Options) -> dict[str, object]:
    facts: dict[str, object] = {name: row[name] for name in ("city", "gender") if row.get(name)}
    if row.get("birthday"):
        facts["birthday"] = parse_time(row["birthday"], options.zone).astimezone(options.zone).date()
    return facts


def _consents(customer: Customer, row: Mapping[str, str]) -> None:
    """`consents` lists purposes; without a proof none is taken over (PIPL asks for it)."""
    purposes = [
        name.strip() for name in row.get("consents", "").replace("，", ",").split(",") if name.strip()
    ]
    unknown = [name for name in purposes if name not in PURPOSES]
    if unknown:
        raise BadValue("unknown_purpose")
    if purposes and not row.get("consent_proof"):
        raise BadValue("consent_without_proof")
    for purpose in purposes:
        set_consent(customer.id, purpose, True, source="import", proof=row["consent_proof"][:300])


def make_order(row: Mapping[str, str], key: str, options: Options) -> bool:
    """An order, its line and its refund; the customer is made by shop number when not known. True when new."""
    code = row.get("id") or key
    currency = row.get("currency") or options.currency
    if not currency:
        raise BadValue("currency_missing")
    known = db.session.scalar(select(Order.id).where(Order.source == options.source, Order.code == code))
    customer = customer_named(row["customer"], at=parse_time(row["at"], options.zone))
    total = parse_cents(row["amount"])
    order = place_order(
        customer.id,
        source=options.source,
        code=code,
        placed_at=parse_time(row["at"], options.zone),
        total_cents=total,
        currency=currency,
        margin_cents=parse_cents(row["margin"]) if row.get("margin") else None,
        lines=_lines(row, total),
        payment_hash=row.get("payment_hash") or None,
        address_hash=row.get("address_hash") or None,
    )
    if row.get("refunded") and parse_cents(row["refunded"]) > 0:
        at = parse_time(row["refunded_at"], options.zone) if row.get("refunded_at") else order.placed_at
        refund_order(
            order,
            source=options.source,
            code=f"{code}:refund",
            amount_cents=parse_cents(row["refunded"]),
            at=at,
        )
    return known is None


def _lines(row: Mapping[str, str], total: int) -> list[Line]:
    if not row.get("product"):
        return []
    quantity = parse_count(row["quantity"]) if row.get("quantity") else 1
    return [Line(row["product"], row.get("product_name") or row["product"], quantity, total // quantity)]


def customer_named(key: str, *, at: datetime | None = None, name: str | None = None) -> Customer:
    """The customer with this verified email, phone or shop number; made with the shop number when nobody has it."""
    if "@" in key:
        found = customer_by_identity("email", key)
    elif key.startswith("+") or (key.isdecimal() and len(key) == 11 and key.startswith("1")):
        found = customer_by_identity("phone", key)
    else:
        found = None
    found = found or customer_by_identity("shop", key)
    if found is None:
        found = create_customer(name or f"客户 {key}"[:60], source="import", at=at)
        add_identity(found, "shop", key, verified=True)
    return found


def make_post(row: Mapping[str, str], key: str, options: Options) -> bool:
    """A topic when the row has a title, else a reply in the import's own topic. True when new."""
    once = f"{options.source}:{row.get('id') or key}"
    if db.session.scalar(select(Post.id).where(Post.once == _once(once))) is not None:
        return False
    at = _at(row, options)
    name = row.get("author") or options.author
    if not name:
        raise BadValue("author_missing")
    author = customer_named(f"author:{name}", at=at, name=name)
    group_id = _group(row, options)
    if row.get("title"):
        open_topic(
            author.id,
            group_id,
            row["title"],
            row["text"],
            acting=None,
            once=_once(once),
            at=at,
            channel="import",
        )
        return True
    topic = _import_topic(group_id, options, author, row["text"], _once(once), at)
    if topic is not None:
        publish_post(author.id, topic.id, row["text"], acting=None, once=_once(once), at=at, channel="import")
    return True


def _once(text: str) -> str:
    """The post's `once` key: file names may be longer than it may be."""
    return "import:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _import_topic(
    group_id: int, options: Options, author: Customer, text: str, once: str, at: datetime
) -> Topic | None:
    """The topic that gathers this file's texts; None when `text` just opened it."""
    title = (options.topic_title or options.source)[:80]
    topic = db.session.scalar(select(Topic).where(Topic.group_id == group_id, Topic.title == title).limit(1))
    if topic is None:
        open_topic(author.id, group_id, title, text, acting=None, once=once, at=at, channel="import")
    return topic


def _group(row: Mapping[str, str], options: Options) -> int:
    if row.get("group"):
        found = db.session.scalar(select(Group.id).where(Group.name == row["group"]))
        if found is None:
            raise BadValue("group_unknown")
        return found
    if options.group_id is None:
        raise BadValue("group_missing")
    return options.group_id


def make_referral(row: Mapping[str, str], key: str, options: Options) -> bool:
    """Who brought whom, by shop number, email or phone of people who are known. True when new."""
    referee, referrer = (_known(row[side]) for side in ("referee", "referrer"))
    present = referral_of(referee.id)
    try:
        referral = add_edge(referee.id, referrer.id, at=_at(row, options), known_before=True)
    except Conflict as error:
        raise BadValue(error.code) from None
    if row.get("type") in ("one", "two"):
        referral.type = row["type"]
    return present is None


def _known(key: str) -> Customer:
    found = customer_by_identity("email" if "@" in key else "shop", key)
    if found is None:
        raise BadValue("customer_unknown")
    return found


def _at(row: Mapping[str, str], options: Options) -> datetime:
    if row.get("at"):
        return parse_time(row["at"], options.zone)
    return options.at or utcnow()


MAKERS: dict[str, Maker] = {
    "customers": make_customer,
    "orders": make_order,
    "posts": make_post,
    "referrals": make_referral,
}
