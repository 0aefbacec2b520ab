"""Verbs of webhooks. All run inside the caller's transaction()."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import current_app
from sqlalchemy import select

from ...config import Config
from ...database import db, utcnow
from ...errors import Invalid
from ...events import Event
from ..actions import queue_webhook
from ..models import Message
from .addresses import checked_url
from .models import EVENTS, PING, WebhookEndpoint
from .signing import secret_of


def add_endpoint(url: str, events: Sequence[str], *, made_by_id: int) -> WebhookEndpoint:
    """An address that is told of the events; Invalid `url_invalid`, `https_needed`, `events_missing`, `unknown_event`."""
    endpoint = WebhookEndpoint(
        nonce=secrets.token_hex(8), made_by_id=made_by_id, made_at=utcnow(), active=True
    )
    change_endpoint(endpoint, url, events, active=True)
    db.session.add(endpoint)
    db.session.flush()
    return endpoint


def change_endpoint(endpoint: WebhookEndpoint, url: str, events: Sequence[str], *, active: bool) -> None:
    """Another address, other events, or silence; raises as `add_endpoint` does."""
    config: Config = current_app.extensions["config"]
    checked_url(url, production=config.production)
    if not events:
        raise Invalid("events_missing", field="events")
    if set(events) - set(EVENTS):
        raise Invalid("unknown_event", field="events")
    endpoint.url, endpoint.active = url.strip(), active
    endpoint.events = [event for event in EVENTS if event in events]


def renew_secret(endpoint: WebhookEndpoint) -> None:
    """Sign with a new secret from now on."""
    endpoint.nonce = secrets.token_hex(8)


def endpoint_secret(endpoint: WebhookEndpoint) -> str:
    """What the endpoint's calls are signed with."""
    return secret_of(str(current_app.config["SECRET_KEY"]), endpoint.id, endpoint.nonce)


def tell_endpoints(name: str, events: Sequence[Event], key: str, *, again: str = "") -> None:
    """Queue a call to every active endpoint that asked for `name`, once per event by its field `key`.

    `again` tells apart what may happen to the same thing twice.
    """
    listening = [
        endpoint
        for endpoint in db.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.active.is_(True)))
        if name in endpoint.events
    ]
    for endpoint in listening:
        for event in events:
            _queue(endpoint, name, f"{getattr(event, key)}{again}", asdict(event))  # type: ignore[call-overload]


def ping(endpoint: WebhookEndpoint) -> Message:
    """Queue a call that only tries the address."""
    return _queue(endpoint, PING, secrets.token_hex(6), {})


def _queue(endpoint: WebhookEndpoint, name: str, subject: str, data: dict[str, Any]) -> Message:
    key = f"hook:{endpoint.id}:{name}:{subject}"
    return queue_webhook(name, to=endpoint.url, key=key, endpoint=endpoint.id, data=data)
