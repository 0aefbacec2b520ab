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
from .reading import Row


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


def key_of(row: Row, options: Options) -> str:
    """What names a row of a file without an id column: file and line."""
    return f"{options.source}:{row.line}"


Maker = Callable[[Mapping[str, str], str, Options], bool]


def make_customer(row: Mapping[str, str], key: str, options: Options) -> bool:
    """A customer by shop number, verified email or phone; consents only with their proof. True when new."""
    number = row.get("id") or key
    present = customer_by_identity("shop", number)
    customer = present or create_customer(
        row["name"], source="import", at=time_of(row, options), **_facts(row, options)
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
        lines=lines_of(row, total),
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


def lines_of(row: Mapping[str, str], total: int) -> list[Line]:
    """The order's line when the row names a product; BadValue `quantity_invalid`."""
    if not row.get("product"):
        return []
    quantity = parse_count(row["quantity"]) if row.get("quantity") else 1
    return [Line(row["product"], row.get("product_name") or row["product"], quantity, total // quantity)]


def name_for(key: str) -> str:
    """What a customer is called of whom only the shop's number is known."""
    return f"客户 {key}"[:60]


def is_shop_number(key: str) -> bool:
    """Whether the key can only be the shop's own number: no email address, no phone number."""
    return "@" not in key and not key.startswith("+") and not _is_mobile(key)


def _is_mobile(key: str) -> bool:
    return key.isdecimal() and len(key) == 11 and key.startswith("1")


def customer_named(key: str, *, at: datetime | None = None, name: str | None = None) -> Customer:
    """The customer with this verified email, phone or shop number; made with the shop number when nobody has it."""
    if "@" in key:
        found = customer_by_identity("email", key)
    elif not is_shop_number(key):
        found = customer_by_identity("phone", key)
    else:
        found = None
    found = found or customer_by_identity("shop", key)
    if found is None:
        found = create_customer(name or name_for(key), source="import", at=at)
        add_identity(found, "shop", key, verified=True)
    return found


def make_post(row: Mapping[str, str], key: str, options: Options) -> bool:
    """A topic when the row has a title, else a reply in the import's own topic. True when new."""
    once = f"import:{once_of(row, key, options)}"
    if db.session.scalar(select(Post.id).where(Post.once == once)) is not None:
        return False
    at = time_of(row, options)
    name = row.get("author") or options.author
    if not name:
        raise BadValue("author_missing")
    author = customer_named(f"author:{name}", at=at, name=name)
    group_id = group_of(row, options)
    if row.get("title"):
        open_topic(
            author.id,
            group_id,
            row["title"],
            row["text"],
            acting=None,
            once=once,
            at=at,
            channel="import",
        )
        return True
    topic_id = gathering_topic(group_id, options)
    if topic_id is None:
        title = _gathering_title(options)
        open_topic(author.id, group_id, title, row["text"], acting=None, once=once, at=at, channel="import")
    else:
        publish_post(author.id, topic_id, row["text"], acting=None, once=once, at=at, channel="import")
    return True


def once_of(row: Mapping[str, str], key: str, options: Options) -> str:
    """What names a post for ever, short: file names may be longer than a post's key may be."""
    return hashlib.sha256(f"{options.source}:{row.get('id') or key}".encode()).hexdigest()[:32]


def _gathering_title(options: Options) -> str:
    return (options.topic_title or options.source)[:80]


def gathering_topic(group_id: int, options: Options) -> int | None:
    """The topic that gathers this file's texts; None as long as none has been taken in."""
    named = select(Topic.id).where(Topic.group_id == group_id, Topic.title == _gathering_title(options))
    return db.session.scalar(named.limit(1))


def group_of(row: Mapping[str, str], options: Options) -> int:
    """The group a row names, else the one given for the file; BadValue `group_unknown`, `group_missing`."""
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
        referral = add_edge(referee.id, referrer.id, at=time_of(row, options), known_before=True)
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


def time_of(row: Mapping[str, str], options: Options) -> datetime:
    """The row's time, else the one given for the file, else now; BadValue `time_invalid`."""
    if row.get("at"):
        return parse_time(row["at"], options.zone)
    return options.at or utcnow()


MAKERS: dict[str, Maker] = {
    "customers": make_customer,
    "orders": make_order,
    "posts": make_post,
    "referrals": make_referral,
}
