"""Verbs that change accounts. All run inside the caller's transaction()."""

from __future__ import annotations

from sqlalchemy import select

from ..customers.actions import add_identity
from ..customers.identities import normal_email, normal_phone
from ..customers.models import Customer
from ..database import db, utcnow
from ..errors import Conflict, Invalid
from .models import ROLES, Account


def open_account(
    customer: Customer,
    *,
    password_hash: str,
    email: str | None = None,
    phone: str | None = None,
    role: str = "customer",
) -> Account:
    """Give a customer a way to sign in by email or phone; both are kept as unverified identities.

    Raises Invalid `email_or_phone_needed`, Conflict `account_exists`.
    """
    if role not in ROLES:
        raise Invalid("unknown_role", field="role")
    email = normal_email(email) if email else None
    phone = normal_phone(phone) if phone else None
    if not email and not phone:
        raise Invalid("email_or_phone_needed", field="email")
    taken = select(Account.id).where((Account.email == email) if email else (Account.phone == phone))
    if db.session.scalar(taken) is not None:
        raise Conflict("account_exists", field="email" if email else "phone")
    account = Account(
        customer_id=customer.id,
        customer=customer,
        email=email,
        phone=phone,
        password=password_hash,
        role=role,
        created_at=utcnow(),
    )
    db.session.add(account)
    db.session.flush()
    for kind, value in (("email", email), ("phone", phone)):
        if value:
            add_identity(customer, kind, value)
    return account
