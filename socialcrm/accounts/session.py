"""Who is signed in on this request: the cookie carries a random key, the row `sign_in_sessions` ends it anywhere."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from flask import has_request_context, request, session
from sqlalchemy import select, update

from ..database import db, transaction, utcnow
from ..errors import Forbidden, SocialError
from .models import Account, SignInSession

ACCOUNT = "socialcrm.account"

SEEN_EVERY_SECONDS = 600


class SignInNeeded(SocialError):
    """A guest asked for what only a signed-in person may see."""

    status = 401

    def __init__(self) -> None:
        super().__init__("sign_in_needed")


def current_account() -> Account | None:
    """The signed-in account, read once a request with its customer; None for a guest or an ended session."""
    if not has_request_context():
        return None
    # Kept on the request, not on g: g belongs to the app context, which may serve several requests.
    if ACCOUNT not in request.environ:
        request.environ[ACCOUNT] = read_account(session.get("key"))
    account: Account | None = request.environ[ACCOUNT]
    return account


def read_account(key: str | None) -> Account | None:
    """The account of a session key now, from the database."""
    if not key:
        return None
    return db.session.scalar(
        select(Account)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(SignInSession.key_hash == key_hash(key), SignInSession.ended_at.is_(None), Account.active)
    )


def note_use() -> None:
    """Keep when this device was last used, to ten minutes, in a short transaction of its own."""
    now = time.time()
    if now - float(session.get("seen", 0)) < SEEN_EVERY_SECONDS:
        return
    with transaction():
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.key_hash == key_hash(session["key"]), SignInSession.ended_at.is_(None))
            .values(seen_at=utcnow(), address=(request.remote_addr or "")[:45])
        )
    session["seen"] = now


def key_hash(key: str) -> str:
    """What the database keeps of a session key."""
    return hashlib.sha256(key.encode()).hexdigest()


def require_account() -> Account:
    """The signed-in account; SignInNeeded (401, leads to the sign-in page) for a guest."""
    account = current_account()
    if account is None:
        raise SignInNeeded
    return account


def require_role(*roles: str) -> Account:
    """The signed-in account when it has one of the roles; 401 for a guest, 403 for another role."""
    account = require_account()
    if account.role not in roles:
        raise Forbidden
    return account


#: What other areas do when somebody signs in, inside the same transaction.
_at_sign_in: list[Callable[[Account], None]] = []


def at_sign_in(deed: Callable[[Account], None]) -> Callable[[Account], None]:
    """Have `deed(account)` done whenever a browser is signed in; areas above register theirs when imported."""
    _at_sign_in.append(deed)
    return deed


def begin_session(account: Account) -> None:
    """Sign this browser in: a fresh cookie key and its row (inside the caller's transaction)."""
    key = secrets.token_urlsafe(32)
    lang = session.get("lang")
    session.clear()
    session["key"], session["seen"] = key, time.time()
    if lang:
        session["lang"] = lang
    session.permanent = True
    now = utcnow()
    db.session.add(
        SignInSession(
            account_id=account.id,
            key_hash=key_hash(key),
            user_agent=(request.user_agent.string or "")[:300],
            address=request.remote_addr or "",
            began_at=now,
            seen_at=now,
        )
    )
    request.environ[ACCOUNT] = account
    for deed in _at_sign_in:
        deed(account)


def end_session() -> None:
    """Sign this browser out."""
    key = session.pop("key", None)
    if key:
        row = db.session.scalar(select(SignInSession).where(SignInSession.key_hash == key_hash(key)))
        if row is not None:
            row.ended_at = utcnow()
    request.environ[ACCOUNT] = None
