"""`Idempotency-Key`: the same key with the same request gives the same answer, and the work is done once.

The row, the work and its answer are one transaction: a second request with the key waits for the first and then
finds its answer; when the first fails, nothing is kept and the second does the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..database import db, transaction, utcnow
from ..errors import Conflict, Invalid
from .models import ApiRequest

HEADER = "Idempotency-Key"
LONGEST = 100


def given_key() -> str | None:
    """The request's key; Invalid `idempotency_key_invalid` unless 1–100 visible ASCII characters."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise Invalid("idempotency_key_invalid", field=HEADER)
    return key


def answer_once(family: str, key: str, work: Callable[[], ResponseReturnValue]) -> Response:
    """Do the work and keep its answer, or give the kept one; Conflict `idempotency_key_reused` for another request."""
    fingerprint = _fingerprint()
    with transaction():
        row = ApiRequest(family=family, key=key, fingerprint=fingerprint, at=utcnow())
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:
            return _kept_answer(family, key, fingerprint)
        response = current_app.make_response(work())
        row.status, row.body = response.status_code, response.get_data(as_text=True)
        return response


def _kept_answer(family: str, key: str, fingerprint: str) -> Response:
    kept = db.session.scalars(
        select(ApiRequest).where(ApiRequest.family == family, ApiRequest.key == key)
    ).one()
    if kept.fingerprint != fingerprint:
        raise Conflict("idempotency_key_reused", field=HEADER)
    response = Response(kept.body, status=kept.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _fingerprint() -> str:
    head = f"{request.method} {request.full_path}\n".encode()
    return hashlib.sha256(head + request.get_data()).hexdigest()
