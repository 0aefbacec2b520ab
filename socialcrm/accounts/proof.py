"""Proof of an address, and what it opens: the customer the brand already knew by it. Inside transaction()."""

from __future__ import annotations

import hmac
from datetime import timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.sql.schema import Table

from ..customers.actions import add_identity, record_on_timeline, suggest_merge, verify_identity
from ..customers.events import CustomerChanged
from ..customers.models import Consent, Customer, Identity, TimelineEntry
from ..database import Base, db, transaction, utcnow
from ..errors import Conflict, Invalid
from ..events import announce
from .models import Account, PhoneCode
from .tokens import six_digits

CODE_LIFE = timedelta(minutes=10)
CODE_ATTEMPTS = 5
#: Tables that say nothing of a life of its own: what signing up itself writes.
_SIGN_UP_WRITES = frozenset(
    {
        "accounts",
        "consents",
        "customer_facts",
        "customer_tags",
        "customers",
        "identities",
        "merge_suggestions",
        "outbox_messages",
        "profile_accesses",
        "timeline_entries",
    }
)


def phone_code(code: PhoneCode) -> str:
    """The six digits of a code row."""
    return six_digits(code.use, code.id, code.phone, code.nonce)


def phone_code_fits(account_id: int, use: str, typed: str) -> bool:
    """Whether `typed` is the newest code of this use, unspent, at most ten minutes old; counts attempts."""
    code = db.session.scalar(
        select(PhoneCode)
        .where(PhoneCode.account_id == account_id, PhoneCode.use == use)
        .order_by(PhoneCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    now = utcnow()
    if code is None or code.used_at is not None or code.attempts >= CODE_ATTEMPTS:
        return False
    code.attempts += 1
    if now - code.sent_at > CODE_LIFE or not hmac.compare_digest(
        phone_code(code).encode(), "".join(typed.split()).encode()
    ):
        return False
    code.used_at = now
    return True


def spend_phone_code(account_id: int, use: str, typed: str) -> None:
    """At the edge: use up the code in a transaction of its own, so that a wrong one counts. Invalid `wrong_code`."""
    with transaction():
        fits = phone_code_fits(account_id, use, typed)
    if not fits:
        raise Invalid("wrong_code", field="code")


def prove_identity(account: Account, kind: str) -> str:
    """The account's address is proven: `verified`, `attached` to a customer known by it, or `suggested` to staff.

    Raises Conflict `identity_taken` when another account has proven it.
    """
    value = account.email if kind == "email" else account.phone
    if value is None:
        raise Conflict("identity_taken", field=kind)
    known = _known_customer(account, kind, value)
    if known is None:
        add_identity(account.customer, kind, value, verified=True)
        return "verified"
    return claim_imported_customer(account, known, kind, value)


def _known_customer(account: Account, kind: str, value: str) -> Customer | None:
    """The customer without an account that an import or a channel knows by this address, if it is exactly one."""
    held = (
        select(Customer)
        .join(Identity)
        .where(Identity.kind == kind, Identity.value == value, Customer.id != account.customer_id)
        .where(Customer.merged_into_id.is_(None))
    )
    proven = db.session.scalar(held.where(Identity.verified_at.is_not(None)))
    if proven is not None:
        return proven
    without_account = held.where(~exists().where(Account.customer_id == Customer.id))
    found = list(db.session.scalars(without_account.limit(2)))
    return found[0] if len(found) == 1 else None


def claim_imported_customer(account: Account, known: Customer, kind: str, value: str) -> str:
    """Give the account the customer row the brand already had, unless its own has a life of its own by now.

    `attached`: the account points to `known`, with its fresh identities, consents and history; `suggested`: staff
    are asked to merge. Raises Conflict `identity_taken` when `known` has an account.
    """
    if db.session.scalar(select(Account.id).where(Account.customer_id == known.id)) is not None:
        raise Conflict("identity_taken", field=kind)
    fresh = account.customer
    if has_life_of_its_own(fresh.id):
        suggest_merge(fresh.id, known.id, reason=kind)
        return "suggested"
    _move_fresh_rows(fresh, known)
    known.display_name, known.avatar = fresh.display_name, fresh.avatar or known.avatar
    fresh.merged_into_id = known.id
    account.customer_id, account.customer = known.id, known
    db.session.flush()
    own = add_identity(known, kind, value)
    if own.verified_at is None:
        verify_identity(own)
    record_on_timeline(known.id, "account_attached", "account", account.id, utcnow())
    announce(CustomerChanged(known.id))
    return "attached"


def _move_fresh_rows(fresh: Customer, known: Customer) -> None:
    present = {(row.kind, row.value) for row in known.identities}
    for identity in list(fresh.identities):
        if (identity.kind, identity.value) not in present:
            identity.customer = known
    for model in (Consent, TimelineEntry):
        db.session.execute(update(model).where(model.customer_id == fresh.id).values(customer_id=known.id))
    outbox: Table | None = Base.metadata.tables.get("outbox_messages")
    if outbox is not None:
        db.session.execute(
            update(outbox).where(outbox.c.customer_id == fresh.id).values(customer_id=known.id)
        )


def has_life_of_its_own(customer_id: int) -> bool:
    """Whether any table but those signing up writes holds a row of this customer (posts, points, referrals …)."""
    looks = [
        exists().where(column == customer_id)
        for table in Base.metadata.tables.values()
        if table.name not in _SIGN_UP_WRITES
        for column in table.columns
        if any(key.target_fullname == "customers.id" for key in column.foreign_keys)
    ]
    return bool(looks) and bool(db.session.scalar(select(or_(*looks))))
