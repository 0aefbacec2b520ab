"""Makers of the shared cast; each commits, as an edge would."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from socialcrm.accounts.actions import open_account
from socialcrm.accounts.models import Account, SignInSession
from socialcrm.accounts.session import key_hash
from socialcrm.customers.actions import create_customer, set_consent
from socialcrm.database import db, transaction, utcnow

#: A hash nobody needs to compute in tests; tests of signing in make real ones.
NO_PASSWORD = "$argon2id$v=19$m=8,t=1,p=1$bm90aGluZ2F0YWxs$bm90aGluZ2F0YWxsbm90aGluZ2F0YWxs"

CAST = {
    "lina": ("李娜", "customer"),
    "wangqiang": ("王强", "customer"),
    "chenjing": ("陈静", "customer"),
    "agent": ("客服小周", "agent"),
    "lead": ("组长老吴", "lead"),
    "manager": ("运营小林", "manager"),
    "admin": ("管理员", "admin"),
}


def make_account(
    name: str,
    role: str = "customer",
    *,
    email: str | None = None,
    consents: tuple[str, ...] = ("community", "profiling"),
) -> Account:
    """An account with its customer, committed."""
    with transaction():
        customer = create_customer(name, source="community")
        account = open_account(
            customer,
            password_hash=NO_PASSWORD,
            email=email or f"{secrets.token_hex(5)}@example.com",
            role=role,
        )
        for purpose in consents:
            set_consent(customer.id, purpose, True, source="sign_up")
    return account


def cast() -> dict[str, Account]:
    """The whole cast by name."""
    return {key: make_account(name, role, email=f"{key}@example.com") for key, (name, role) in CAST.items()}


def cast_that_is_there() -> dict[str, Account]:
    """The cast by name, when the database was made with it; else empty. Committed, so that nothing is read anew."""
    keys = {f"{key}@example.com": key for key in CAST}
    with transaction():
        accounts = list(
            db.session.scalars(select(Account).where(Account.email.in_(keys)).order_by(Account.id))
        )
    return {keys[account.email or ""]: account for account in accounts}


def signed_in_key(account: Account) -> str:
    """A session key for the account, its row committed."""
    key = secrets.token_urlsafe(16)
    now = utcnow()
    with transaction():
        db.session.add(
            SignInSession(account_id=account.id, key_hash=key_hash(key), began_at=now, seen_at=now)
        )
    return key
