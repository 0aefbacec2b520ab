"""Rows of a file that need no second look, taken in together: some queries a chunk instead of some a row.

Each function gives line → whether the row is new, for the rows it has done. What it leaves is made one by one by
`rows.py`, which also says why a row is refused; both leave the same behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ...community.topics.actions import MAX_TEXT
from ...community.topics.imports import ImportedPost, import_posts
from ...customers.actions import keep_customers_of_shop
from ...customers.identities import normal_value
from ...customers.queries import customers_by_identity
from ...errors import SocialError
from ...shop.actions import MAX_CENTS, Line, keep_product, place_orders
from ...shop.intake import NewOrder
from ...shop.queries import orders_called
from .fields import REQUIRED, BadValue, check_lengths, parse_cents, parse_time
from .reading import Row
from .rows import (
    Options,
    gathering_topic,
    group_of,
    is_shop_number,
    key_of,
    lines_of,
    make_post,
    name_for,
    once_of,
    time_of,
)

T = TypeVar("T")
#: Longer keys of customers and longer names are refused or cut one by one.
MAX_KEY = 200
MAX_NAME = 60

Given = Sequence[tuple[Row, Mapping[str, str]]]


@dataclass(frozen=True, eq=False)
class _Order:
    """A row that is an order of somebody with a shop number, not refunded."""

    line: int
    customer: str
    code: str
    placed_at: datetime
    total_cents: int
    currency: str
    margin_cents: int | None
    lines: Sequence[Line]
    values: Mapping[str, str]


def orders_together(rows: Given, options: Options) -> dict[int, bool]:
    """Orders that are new, and those known as they stand here."""
    plain: dict[str, _Order] = {}
    for row, values in rows:
        order = _order(row, values, options)
        if order is not None:
            plain.setdefault(order.code, order)
    known = orders_called(options.source, plain)
    new = [one for one in plain.values() if one.code not in known]
    people = keep_customers_of_shop(
        {one.customer: (name_for(one.customer), one.placed_at) for one in reversed(new)}
    )
    for line, currency in {line.code: (line, one.currency) for one in new for line in one.lines}.values():
        keep_product(line.code, line.name, line.price_cents, currency)
    place_orders([_new_order(one, people[one.customer], options) for one in new])
    present = (one for one in plain.values() if one.code in known)
    return {one.line: True for one in new} | {one.line: False for one in _unchanged(present, known)}


def _unchanged(present: Iterable[_Order], known: Mapping[str, tuple[int, int]]) -> list[_Order]:
    """Those that stand in the file as they are known."""
    orders = {one: normal_value("shop", one.customer) for one in present}
    people = customers_by_identity("shop", orders.values())
    return [one for one, number in orders.items() if known[one.code] == (people.get(number), one.total_cents)]


def _order(row: Row, values: Mapping[str, str], options: Options) -> _Order | None:
    customer, currency = values.get("customer", ""), values.get("currency") or options.currency or ""
    if _lacks("orders", values) or not is_shop_number(customer) or len(customer) > MAX_KEY:
        return None
    if len(currency) != 3 or not currency.isalpha():
        return None
    try:
        check_lengths(values)
        if values.get("refunded") and parse_cents(values["refunded"]) > 0:
            return None
        total = parse_cents(values["amount"])
        order = _Order(
            row.line,
            customer,
            values.get("id") or key_of(row, options),
            parse_time(values["at"], options.zone),
            total,
            currency.upper(),
            parse_cents(values["margin"]) if values.get("margin") else None,
            lines_of(values, total),
            values,
        )
    except BadValue:
        return None
    return order if total <= MAX_CENTS else None


def _new_order(one: _Order, customer_id: int, options: Options) -> NewOrder:
    return NewOrder(
        customer_id,
        options.source,
        one.code,
        one.placed_at,
        one.total_cents,
        one.margin_cents,
        [(line.code, line.quantity, line.price_cents) for line in one.lines],
        one.currency,
        one.values.get("payment_hash") or None,
        one.values.get("address_hash") or None,
    )


def posts_together(rows: Given, options: Options) -> dict[int, bool]:
    """Texts without a title, as replies in the topic that gathers them; the first of all opens it."""
    groups: dict[str, int | None] = {}
    topics: dict[int, int | None] = {}
    done: dict[int, bool] = {}
    replies: list[tuple[Row, Mapping[str, str], int, datetime]] = []
    for row, values in rows:
        name = values.get("group", "")
        if name not in groups:
            groups[name] = _or_none(group_of, values, options)
        group_id, at = groups[name], _or_none(time_of, values, options)
        if group_id is None or at is None or not _is_plain_post(values, options):
            continue
        if group_id not in topics:
            topics[group_id] = gathering_topic(group_id, options)
        if topics[group_id] is None:
            done[row.line] = make_post(values, key_of(row, options), options)
            topics[group_id] = gathering_topic(group_id, options)
        else:
            replies.append((row, values, group_id, at))
    return done | _replies(replies, topics, options)


def _replies(
    rows: Sequence[tuple[Row, Mapping[str, str], int, datetime]],
    topics: Mapping[int, int | None],
    options: Options,
) -> dict[int, bool]:
    authors = keep_customers_of_shop(
        {_author_key(values, options): (_author(values, options), at) for _, values, _, at in reversed(rows)}
    )
    posts = {
        row.line: ImportedPost(
            once_of(values, key_of(row, options), options),
            authors[_author_key(values, options)],
            group_id,
            values["text"],
            at,
            topic_id=topics[group_id],
        )
        for row, values, group_id, at in rows
    }
    taken = import_posts(list(posts.values()))
    return {line: not one.known for line, one in zip(posts, taken, strict=True)}


def _is_plain_post(values: Mapping[str, str], options: Options) -> bool:
    author = _author(values, options)
    if _lacks("posts", values) or values.get("title") or not author or "@" in author:
        return False
    return len(author) <= MAX_NAME and len(values["text"]) <= MAX_TEXT


def _author(values: Mapping[str, str], options: Options) -> str:
    return values.get("author") or options.author or ""


def _author_key(values: Mapping[str, str], options: Options) -> str:
    return f"author:{_author(values, options)}"


def _lacks(kind: str, values: Mapping[str, str]) -> bool:
    return any(not values.get(field) for field in REQUIRED[kind])


def _or_none(
    read: Callable[[Mapping[str, str], Options], T], values: Mapping[str, str], options: Options
) -> T | None:
    try:
        return read(values, options)
    except (BadValue, SocialError):
        return None


TOGETHER: dict[str, Callable[[Given, Options], dict[int, bool]]] = {
    "orders": orders_together,
    "posts": posts_together,
}
