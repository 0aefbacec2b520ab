"""Verbs about keys and kept requests. All run inside the caller's transaction()."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from ..database import db, utcnow
from ..errors import Conflict, Invalid
from .keys import FreshKey, fresh_key
from .models import ApiKey
from .scopes import SCOPES


def issue_key(
    name: str, scopes: Sequence[str], *, made_by_id: int, family: str | None = None
) -> tuple[ApiKey, FreshKey]:
    """A new key of an integration; its text is in the second value and nowhere else.

    Raises Invalid `name_missing`, `scopes_missing`, `unknown_scope`.
    """
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid("name_missing", field="name")
    if not scopes:
        raise Invalid("scopes_missing", field="scopes")
    if set(scopes) - set(SCOPES):
        raise Invalid("unknown_scope", field="scopes")
    fresh = fresh_key()
    key = ApiKey(
        name=name,
        family=family or secrets.token_hex(8),
        prefix=fresh.prefix,
        digest=fresh.digest,
        scopes=[scope for scope in SCOPES if scope in scopes],
        made_by_id=made_by_id,
        made_at=utcnow(),
    )
    db.session.add(key)
    db.session.flush()
    return key, fresh


def rotate_key(key: ApiKey, overlap: timedelta, *, made_by_id: int) -> tuple[ApiKey, FreshKey]:
    """A second key of the same integration; the first one works for `overlap` longer.

    Raises Conflict `key_ended` when the key was revoked or is already running out.
    """
    if key.revoked_at is not None or key.expires_at is not None:
        raise Conflict("key_ended")
    key.expires_at = utcnow() + overlap
    return issue_key(key.name, key.scopes, made_by_id=made_by_id, family=key.family)


def revoke_key(key: ApiKey) -> None:
    """The key opens nothing from now on."""
    key.revoked_at = key.revoked_at or utcnow()
