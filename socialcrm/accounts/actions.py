"""Verbs that change accounts. All run inside the caller's transaction()."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from ..customers.actions import add_identity, create_customer, set_consent
from ..customers.identities import normal_email, normal_phone
from ..customers.models import Customer
from ..database import db, utcnow
from ..errors import Conflict, Invalid, TooMany
from ..events import announce
from .events import AccountOpened, EmailLinkAsked, PasswordResetAsked, PhoneCodeAsked
from .lockout import delay_after
from .models import ROLES, Account, PhoneCode, SignInSession

#: Text messages cost money and patience.
CODE_EVERY = timedelta(minutes=1)


def open_account(
    customer: Customer,
    *,
    password_hash: str | None,
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


def sign_up(
    display_name: str,
    kind: str,
    login: str,
    password_hash: str,
    *,
    consents: Mapping[str, int],
    language: str = "zh",
    referral_code: str | None = None,
) -> Account:
    """A new customer with an account; `consents` maps each purpose that was ticked to its text's version.

    The address is asked to be proven at once (a link by mail, a code by SMS). Raises Conflict `account_exists`.
    """
    customer = create_customer(display_name, source="community")
    account = open_account(
        customer,
        password_hash=password_hash,
        email=login if kind == "email" else None,
        phone=login if kind == "phone" else None,
    )
    account.language = language
    for purpose, version in consents.items():
        set_consent(customer.id, purpose, True, source="sign_up", text_version=version)
    announce(AccountOpened(account.id, customer.id, referral_code))
    if kind == "email":
        ask_email_link(account)
    else:
        ask_phone_code(account, "verify")
    return account


def ask_email_link(account: Account) -> None:
    """Have a link mailed that proves the account's address."""
    announce(EmailLinkAsked(account.id, secrets.token_hex(8)))


def ask_phone_code(account: Account, use: str) -> PhoneCode:
    """Have a six-digit code sent to the account's phone.

    Raises Invalid `phone_missing`, TooMany `too_many_codes` when the last one left less than a minute ago.
    """
    if not account.phone:
        raise Invalid("phone_missing", field="phone")
    last = db.session.scalar(
        select(func.max(PhoneCode.sent_at)).where(PhoneCode.account_id == account.id, PhoneCode.use == use)
    )
    if last is not None and utcnow() - last < CODE_EVERY:
        raise TooMany("too_many_codes")
    code = PhoneCode(
        account_id=account.id, use=use, phone=account.phone, nonce=secrets.token_hex(8), sent_at=utcnow()
    )
    db.session.add(code)
    db.session.flush()
    announce(PhoneCodeAsked(code.id))
    return code


def record_wrong_password(account_id: int, now: datetime) -> None:
    """Count a failure and refuse signing in for the delay it brings."""
    account = db.session.get_one(Account, account_id, with_for_update=True)
    account.failed_sign_ins += 1
    delay = delay_after(account.failed_sign_ins)
    if delay:
        account.locked_until = now + delay


def record_sign_in(account: Account) -> None:
    """Forget earlier failures."""
    account.failed_sign_ins, account.locked_until = 0, None


def ask_password_reset(account: Account) -> None:
    """Have a link mailed that sets a new password, once, within the hour."""
    account.reset_nonce = account.reset_nonce or secrets.token_urlsafe(16)
    announce(PasswordResetAsked(account.id, secrets.token_hex(8)))


def set_password(account: Account, password_hash: str, *, keep_session: str | None = None) -> None:
    """Store the new password, end every session but the one with the key hash `keep_session`, spend reset links."""
    account.password = password_hash
    account.reset_nonce = None
    record_sign_in(account)
    end_sessions(account.id, keep=keep_session)


def end_sessions(account_id: int, *, keep: str | None = None) -> int:
    """Sign the account out everywhere but in the session with key hash `keep`; returns how many ended."""
    query = update(SignInSession).where(
        SignInSession.account_id == account_id, SignInSession.ended_at.is_(None)
    )
    if keep is not None:
        query = query.where(SignInSession.key_hash != keep)
    ended = db.session.execute(query.values(ended_at=utcnow()).returning(SignInSession.id))
    return len(ended.all())


def end_one_session(account_id: int, session_id: int) -> None:
    """Sign one of the account's devices out."""
    db.session.execute(
        update(SignInSession)
        .where(
            SignInSession.id == session_id,
            SignInSession.account_id == account_id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=utcnow())
    )


def begin_second_factor(account: Account, secret: str, step: int, recovery_hashes: list[str]) -> None:
    """Signing in asks for a code from now on; `step` is the one just used, `recovery_hashes` of unused codes."""
    account.totp_secret, account.totp_last_step = secret, step
    account.recovery_codes = recovery_hashes


def renew_recovery_codes(account: Account, recovery_hashes: list[str]) -> None:
    """Replace the recovery codes."""
    account.recovery_codes = recovery_hashes


def end_second_factor(account: Account) -> None:
    """Signing in asks for the password only."""
    account.totp_secret, account.totp_last_step, account.recovery_codes = None, None, []


def choose_language(account: Account, language: str) -> None:
    """Show this person's pages in the language."""
    account.language = language


def choose_theme(account: Account, theme: str) -> None:
    """Show this person's pages in the theme (system, light, dark)."""
    account.theme = theme
