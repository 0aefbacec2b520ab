"""Signed links and codes: what a mail or a text message carries to prove an address, and the referral cookie."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ..errors import Invalid

RESET_SECONDS = 3600
EMAIL_SECONDS = 7 * 86400
INVITATION_SECONDS = 7 * 86400
REFERRAL_COOKIE = "ref"
REFERRAL_SECONDS = 30 * 86400


def sign(purpose: str, facts: Any) -> str:
    """A URL-safe signed token; `purpose` keeps a token of one kind from serving as another."""
    return _serializer(purpose).dumps(facts)


def unsign(purpose: str, token: str, seconds: int) -> Any:
    """The facts of a token not older than `seconds`; raises Invalid `link_expired`."""
    try:
        return _serializer(purpose).loads(token, max_age=seconds)
    except BadSignature:
        raise Invalid("link_expired") from None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt=f"accounts.{purpose}")


def six_digits(*parts: object) -> str:
    """A code of six digits only this installation can compute from `parts`; nothing of it is stored."""
    message = ":".join(map(str, parts)).encode()
    digest = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def remember_referral(response: Response, code: str, inviter: str) -> None:
    """Keep in the guest's browser whose link they came by (`/r/<code>`), until they sign up."""
    response.set_cookie(
        REFERRAL_COOKIE,
        sign("referral", [code, inviter]),
        max_age=REFERRAL_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def remembered_referral() -> tuple[str, str] | None:
    """(code, inviter's name) from the cookie, or None."""
    cookie = request.cookies.get(REFERRAL_COOKIE)
    if not cookie:
        return None
    try:
        code, inviter = unsign("referral", cookie, REFERRAL_SECONDS)
    except (Invalid, ValueError, TypeError):
        return None
    return str(code), str(inviter)
