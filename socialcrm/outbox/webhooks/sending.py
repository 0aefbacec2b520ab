"""Carry one call: look the name up once, refuse inside addresses, sign, post, read the status."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass

import httpx
from flask import current_app

from ...config import Config
from ...database import db
from ..delivery import Outcome, carries
from ..models import Message
from .actions import endpoint_secret
from .addresses import checked_url, is_public
from .models import WebhookEndpoint
from .signing import signature

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


@carries("webhook")
def call_endpoint(message: Message) -> Outcome:
    """Post the message's body to its address; anything but 2xx is tried again later."""
    endpoint = db.session.get(WebhookEndpoint, message.facts["endpoint"])
    if endpoint is None or not endpoint.active:
        return Outcome("suppressed", "endpoint_inactive")
    message.subject, message.body = message.template, _body(message)
    url, secret = endpoint.url, endpoint_secret(endpoint)
    db.session.rollback()
    config: Config = current_app.extensions["config"]
    place = _place(url, config)
    if place is None:
        return Outcome("suppressed", "private_address")
    status = _post(place, message.key, message.template, secret, message.body.encode())
    return Outcome("sent" if 200 <= status < 300 else None, f"http_{status}")


def _body(message: Message) -> str:
    told = {
        "id": message.key,
        "event": message.template,
        "at": message.created_at.isoformat(),
        "data": message.facts["data"],
    }
    return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True)
class Place:
    """Where the call goes: the looked-up IP in the URL, the name in `host` for HTTP and TLS."""

    url: httpx.URL
    host: str
    name: str


def _place(url: str, config: Config) -> Place | None:
    """The address pinned to the IP that was checked, so that a second look-up cannot lead elsewhere; None if refused."""
    parts = checked_url(url, production=config.production)
    name = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    guarded = config.production and not config.private_webhooks
    if guarded and not all(is_public(address) for address in addresses):
        return None
    pinned = httpx.URL(url).copy_with(host=addresses[0], port=port)
    return Place(pinned, parts.netloc, name)


def _post(place: Place, key: str, event: str, secret: str, body: bytes) -> int:
    headers = {
        "Host": place.host,
        "Content-Type": "application/json",
        "User-Agent": "SocialCRM-Webhook/1",
        "X-SocialCRM-Event": event,
        "X-SocialCRM-Delivery": key,
        "X-SocialCRM-Signature": signature(secret, int(time.time()), body),
    }
    with (
        httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", place.url, content=body, headers=headers, extensions={"sni_hostname": place.name}
        ) as response,
    ):
        return response.status_code
