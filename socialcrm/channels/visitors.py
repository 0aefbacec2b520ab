"""A guest's identity in web chat: a signed cookie of its own, so that signing in does not lose it.

The cookie holds a random token; the customer row and its `visitor` identity are made with the first message.
"""

from __future__ import annotations

import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from ..accounts.models import Account
from ..accounts.session import at_sign_in
from ..config import Config
from ..customers.actions import add_identity, create_customer
from ..customers.models import Customer
from ..customers.queries import customer_by_identity
from .actions import recognise_visitor

COOKIE = "visitor"
YEAR = 365 * 86400


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="web-chat-visitor")


def visitor_token() -> str | None:
    """The token of this browser's visitor cookie; None without one or with a forged one."""
    value = request.cookies.get(COOKIE)
    if not value:
        return None
    try:
        return str(_signer().loads(value))
    except BadSignature:
        return None


def current_visitor() -> Customer | None:
    """The customer this browser chatted as before signing in."""
    token = visitor_token()
    return customer_by_identity("visitor", token) if token else None


def create_visitor(name: str) -> tuple[Customer, str]:
    """A customer for a guest who writes for the first time, and the cookie's token."""
    token = secrets.token_urlsafe(24)
    customer = create_customer(name, source="web_chat")
    add_identity(customer, "visitor", token, verified=True)
    return customer, token


def keep_visitor(response: Response, token: str) -> None:
    """Put the cookie on the answer."""
    config: Config = current_app.extensions["config"]
    response.set_cookie(
        COOKIE,
        _signer().dumps(token),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=config.production,
    )


@at_sign_in
def bring_along(account: Account) -> None:
    """What a customer said in this browser as a guest is theirs; staff who try the chat out stay who they are."""
    visitor = current_visitor()
    if visitor is not None and not account.staff and visitor.id != account.customer_id:
        recognise_visitor(visitor, account.customer)
