"""The door of every API resource: a bearer key with the scope, within its rate. Cookies open nothing here."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from flask import current_app, request
from limits import parse

from ..database import utcnow
from ..errors import Forbidden, SocialError, TooMany
from ..settings import define, setting
from ..web import limiter
from .caller import Caller, note_caller
from .caller import current_caller as current_caller
from .models import ApiKey
from .once import answer_once, given_key
from .queries import key_by_text
from .usage import USE_EVERY, note_use

# Requests a minute that one integration may make.
define("api.requests_per_minute", 600)

log = structlog.get_logger()
View = Callable[..., Any]


class KeyRefused(SocialError):
    """No key, or one that opens nothing: 401."""

    status = 401


def needs(scope: str) -> Callable[[View], View]:
    """Guard a resource; a POST that carries an Idempotency-Key is done once. Outermost but for the route."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            caller = _admit(scope)
            key = given_key() if request.method == "POST" else None
            if key is None:
                return view(*args, **kwargs)
            return answer_once(caller.family, key, lambda: view(*args, **kwargs))

        guarded._spec = {**getattr(view, "_spec", {}), "security": [{"key": [scope]}]}  # type: ignore[attr-defined]
        return guarded

    return guard


def _admit(scope: str) -> Caller:
    key = _known_key()
    caller = Caller(key.id, key.name, key.family, frozenset(key.scopes), key.made_by_id)
    note_caller(caller)
    _count(caller)
    if key.last_used_at is None or utcnow() - key.last_used_at >= USE_EVERY:
        note_use(key.id, request.remote_addr or "")
    if not caller.may(scope):
        raise Forbidden("scope_missing", scope=scope)
    return caller


def _known_key() -> ApiKey:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise KeyRefused("key_missing")
    key = key_by_text(text.strip())
    if key is None:
        raise KeyRefused("key_unknown")
    if key.revoked_at is not None:
        raise KeyRefused("key_revoked")
    if key.expires_at is not None and key.expires_at <= utcnow():
        raise KeyRefused("key_expired")
    return key


def _count(caller: Caller) -> None:
    """Count the request against the integration's minute; while the counter is away nobody is refused."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    allowed = parse(f"{int(setting('api.requests_per_minute'))} per minute")
    try:
        within = limiter.limiter.hit(allowed, f"api:{caller.family}")
        until = limiter.limiter.get_window_stats(allowed, f"api:{caller.family}").reset_time
    except Exception:
        log.warning("rate_limit_unavailable", exc_info=True)
        return
    if not within:
        raise TooMany("rate_limited", retry_after=max(1, round(until - time.time())))
