"""A customer's whole life in one list: per table, whose row it is, what an export holds and what erasure does.

`tests/house/test_customer_life.py` fails when a table that names a customer or account is missing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, select, update

from ..accounts.models import Account
from ..customers.events import CustomerChanged
from ..customers.models import TimelineEntry
from ..database import Base, db
from ..events import announce

#: Rows of an export are read and written in pieces of this size.
PIECE = 500


@dataclass(frozen=True)
class Chapter:
    """One table's part in a customer's life."""

    area: str
    table: str
    #: Column that names the customer, the account (`of="account"`), or the row of a parent table (`of=<table>`).
    column: str = "customer_id"
    of: str = "customer"
    exported: bool = True
    #: Never exported: secrets, other people's keys, internal figures.
    left_out: frozenset[str] = frozenset()
    #: delete, keep, or blank (then `blanks` says what each personal column becomes).
    forget: str = "keep"
    blanks: Mapping[str, Any] = field(default_factory=dict)


def _blank(area: str, table: str, blanks: Mapping[str, Any], **more: Any) -> Chapter:
    return Chapter(area, table, forget="blank", blanks=blanks, **more)


def _delete(area: str, table: str, **more: Any) -> Chapter:
    return Chapter(area, table, forget="delete", **more)


#: Children before their parents, so that deleting in this order breaks no reference.
LIFE: tuple[Chapter, ...] = (
    # What was written goes; that something was written stays, so that conversations keep their order.
    _delete("community", "post_mentions", exported=False),
    _delete("community", "post_images", column="post_id", of="posts", exported=False),
    _delete("community", "post_versions", column="post_id", of="posts"),
    _delete("community", "bookmarks"),
    _delete("community", "drafts"),
    _delete("community", "topic_states", exported=False),
    Chapter("community", "post_reactions"),
    _blank("community", "reports", {"text": ""}, column="reporter_id", left_out=frozenset({"account_id"})),
    _blank(
        "community",
        "posts",
        {"text": "—", "html": "<p>—</p>", "images": [], "once": None},
        column="author_id",
        left_out=frozenset({"html", "once"}),
    ),
    _blank("community", "topics", {"title": "—", "excerpt": "", "image": None}, column="author_id"),
    Chapter("community", "group_members", left_out=frozenset({"invited_by_id"})),
    # Service: the matter stays for the figures, its words go.
    _blank("service", "case_ratings", {"text": ""}, column="case_id", of="cases"),
    _blank(
        "service", "case_entries", {"text": "", "facts": {}}, column="case_id", of="cases", exported=False
    ),
    Chapter("service", "case_pauses", column="case_id", of="cases", exported=False),
    _blank("service", "alerts", {"text": ""}, left_out=frozenset({"seen_by_id", "settled_by_id"})),
    _blank(
        "service",
        "cases",
        {"title": "—", "solution": "", "root_cause": ""},
        left_out=frozenset({"assignee_id"}),
    ),
    _blank("channels", "messages", {"text": "", "images": []}, column="conversation_id", of="conversations"),
    _blank("channels", "conversations", {"excerpt": ""}, left_out=frozenset({"assignee_id"})),
    # What was computed of the texts.
    _delete("sentiment", "opinion_corrections", column="opinion_id", of="opinions", exported=False),
    # `erase_customer` has taken the texts out of the counts before; here goes what names single texts.
    _delete("sentiment", "counted_texts", column="opinion_id", of="opinions", exported=False),
    _delete("sentiment", "text_products", column="opinion_id", of="opinions", exported=False),
    _delete("sentiment", "text_terms", column="opinion_id", of="opinions", exported=False),
    _delete("sentiment", "opinion_aspects", column="opinion_id", of="opinions", exported=False),
    _delete("sentiment", "opinions"),
    # Books and chains keep their sums under a name that says nothing.
    Chapter("loyalty", "ledger_entries", column="account_id", of="ledger_accounts"),
    Chapter("loyalty", "ledger_accounts", exported=False),
    _blank(
        "referrals",
        "referrals",
        {"device_hash": None},
        column="referee_id",
        left_out=frozenset({"device_hash"}),
    ),
    Chapter("referrals", "refused_referrals", column="referee_id"),
    Chapter("referrals", "referral_codes"),
    Chapter("value", "referral_level_values"),
    Chapter("value", "referral_own_values"),
    Chapter("shop", "order_lines", column="order_id", of="orders"),
    Chapter("shop", "refunds", column="order_id", of="orders"),
    _blank(
        "shop",
        "orders",
        {"payment_hash": None, "address_hash": None},
        left_out=frozenset({"payment_hash", "address_hash", "margin_cents"}),
    ),
    _blank(
        "outbox",
        "outbox_messages",
        {"recipient": "", "subject": "", "body": "", "facts": {}},
        left_out=frozenset({"key", "facts"}),
    ),
    # The account and the person.
    _delete("accounts", "phone_codes", column="account_id", of="account", exported=False),
    _delete(
        "accounts", "sign_in_sessions", column="account_id", of="account", left_out=frozenset({"key_hash"})
    ),
    Chapter("accounts", "audit_entries", column="account_id", of="account", exported=False),
    Chapter("accounts", "staff_invitations", column="invited_by_id", of="account", exported=False),
    Chapter("service", "service_desks", column="account_id", of="account", exported=False),
    _blank(
        "accounts",
        "accounts",
        {
            "email": None,
            "phone": None,
            "password": None,
            "active": False,
            "totp_secret": None,
            "totp_last_step": None,
            "recovery_codes": [],
            "reset_nonce": None,
        },
        left_out=frozenset({"password", "totp_secret", "totp_last_step", "recovery_codes", "reset_nonce"}),
    ),
    _delete("customers", "merge_suggestions", exported=False),
    _delete("customers", "customer_tags"),
    _delete("customers", "customer_facts"),
    _delete("customers", "timeline_entries"),
    _delete("customers", "identities"),
    Chapter("customers", "consents"),
    Chapter("customers", "profile_accesses", left_out=frozenset({"account_id"})),
    _blank(
        "customers",
        "customers",
        {
            "display_name": "—",
            "avatar": None,
            "city": None,
            "gender": None,
            "birthday": None,
            "bio": "",
            "mood": None,
            "mood_at": None,
        },
        column="id",
    ),
)

#: Tables that name an account or a customer only as the one who acted for the brand.
ACTED_FOR_THE_BRAND = frozenset(
    {
        "moderation_entries",
        "spikes",
        "word_rules",
        "ledger_transactions",
        "api_keys",
        "webhook_endpoints",
        "import_uploads",
        "brand_words",
        "brand_aspects",
        "brand_layers",
        "rescorings",
    }
)


#: What a guest's conversations leave in other areas and what goes with them when the guest signs in.
FOLLOWING = ("opinions", "alerts", "cases", "outbox_messages")


def follow_customer(visitor_id: int, customer_id: int) -> None:
    """Give a guest's rows to the customer the guest turned out to be. Inside transaction()."""
    for name in FOLLOWING:
        table = Base.metadata.tables[name]
        db.session.execute(
            update(table).where(table.c.customer_id == visitor_id).values(customer_id=customer_id)
        )
    lines = TimelineEntry.__table__.alias()
    known = (
        select(lines.c.id)
        .where(lines.c.customer_id == customer_id, lines.c.kind == TimelineEntry.kind)
        .where(lines.c.subject == TimelineEntry.subject, lines.c.subject_id == TimelineEntry.subject_id)
    )
    db.session.execute(
        update(TimelineEntry)
        .where(TimelineEntry.customer_id == visitor_id, ~known.exists())
        .values(customer_id=customer_id),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()
    announce(CustomerChanged(customer_id))


def export_of(customer_id: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(table's name, its rows as JSON values) for everything kept about a customer, area by area."""
    for chapter in LIFE:
        if chapter.exported:
            yield chapter.table, _rows(chapter, customer_id)


def _rows(chapter: Chapter, customer_id: int) -> list[dict[str, Any]]:
    table = _table(chapter)
    columns = [column for column in table.columns if column.name not in chapter.left_out]
    found = db.session.execute(select(*columns).where(_own(chapter, customer_id)))
    return [{name: _json(value) for name, value in row._mapping.items()} for row in found.yield_per(PIECE)]


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def forget_rows(customer_id: int) -> None:
    """Delete or blank what is personal in every table; sums and the order of things stay. Inside transaction()."""
    for chapter in LIFE:
        own = _own(chapter, customer_id)
        if chapter.forget == "delete":
            db.session.execute(delete(_table(chapter)).where(own))
        elif chapter.forget == "blank":
            db.session.execute(update(_table(chapter)).where(own).values(**chapter.blanks))
    db.session.expire_all()


def _table(chapter: Chapter) -> Table:
    return Base.metadata.tables[chapter.table]


def _own(chapter: Chapter, customer_id: int) -> ColumnElement[bool]:
    column = _table(chapter).c[chapter.column]
    if chapter.of == "customer":
        return column == customer_id
    return column.in_(_parents(chapter.of, customer_id))


def _parents(of: str, customer_id: int) -> Select[int]:
    if of == "account":
        return select(Account.id).where(Account.customer_id == customer_id)
    parent = next(chapter for chapter in LIFE if chapter.table == of)
    return select(_table(parent).c.id).where(_own(parent, customer_id))
