"""Webhooks: signed calls to a real server, once per event, tried again, sent again, and never into the network."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import create_customer
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Invalid
from socialcrm.outbox.models import Message
from socialcrm.outbox.webhooks.actions import add_endpoint, endpoint_secret
from socialcrm.outbox.webhooks.addresses import checked_url, is_public
from socialcrm.outbox.webhooks.models import EVENTS, WebhookEndpoint
from socialcrm.outbox.webhooks.signing import signature
from socialcrm.shop.actions import place_order

from ..factories import make_account

Browsers = Callable[[Account], FlaskClient]


class Receiver:
    """A shop's server on 127.0.0.1 that keeps what it is told and answers with `status`."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((dict(self.headers), body))
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?from=crm"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def admin(app: Flask) -> Account:
    return make_account("管理员", "admin")


def listen(url: str, admin: Account, *events: str) -> WebhookEndpoint:
    with transaction():
        return add_endpoint(url, events, made_by_id=admin.id)


def order(customer_id: int, code: str = "A1") -> None:
    with transaction():
        place_order(customer_id, source="shop", code=code, placed_at=utcnow(), total_cents=100)


def calls() -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.channel == "webhook").order_by(Message.id)))


def test_a_call_is_signed_and_names_its_event(
    receiver: Receiver, admin: Account, drain: Callable[[], int]
) -> None:
    endpoint = listen(receiver.url, admin, "order.placed")
    drain()
    order(admin.customer_id)
    drain()
    headers, body = receiver.calls[0]
    at, sign = (part.split("=", 1)[1] for part in headers["X-SocialCRM-Signature"].split(","))
    secret = endpoint_secret(endpoint).encode()
    assert sign == hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["event"], told["data"]["customer_id"]) == ("order.placed", admin.customer_id)
    assert (
        headers["X-SocialCRM-Delivery"]
        == told["id"]
        == f"hook:{endpoint.id}:order.placed:{told['data']['order_id']}"
    )
    assert headers["Host"] == f"127.0.0.1:{receiver.server.server_port}"
    assert [(call.state, call.reason) for call in calls()] == [("sent", "http_200")]


def test_only_what_was_asked_for_and_once(
    receiver: Receiver, admin: Account, drain: Callable[[], int]
) -> None:
    drain()
    listen(receiver.url, admin, "customer.created", "points.posted")
    with transaction():
        customer = create_customer("李娜", source="shop")
    order(customer.id)
    drain()
    order(customer.id)
    drain()
    assert sorted(told["event"] for told in receiver.told()) == ["customer.created", "points.posted"]


def test_what_does_not_arrive_is_tried_again(
    receiver: Receiver, admin: Account, drain: Callable[[], int]
) -> None:
    receiver.status = 500
    listen(receiver.url, admin, "order.placed")
    order(admin.customer_id)
    drain()
    (call,) = calls()
    assert (call.state, call.reason, call.attempts) == ("queued", "http_500", 1) and call.due_at > utcnow()
    receiver.status = 204
    with transaction():
        db.session.execute(update(Message).values(due_at=utcnow()))
    drain()
    (call,) = calls()
    assert (call.state, call.attempts) == ("sent", 2)
    assert receiver.calls[0][0]["X-SocialCRM-Delivery"] == receiver.calls[1][0]["X-SocialCRM-Delivery"]


def test_nobody_there_is_a_failed_attempt_and_redirects_are_not_followed(
    receiver: Receiver, admin: Account, drain: Callable[[], int]
) -> None:
    receiver.status = 302
    listen(receiver.url, admin, "order.placed")
    listen("http://127.0.0.1:9/", admin, "order.placed")
    order(admin.customer_id)
    drain()
    assert [call.state for call in calls()] == ["queued", "queued"]
    assert calls()[0].reason == "http_302" and "ConnectError" in calls()[1].reason
    assert len(receiver.calls) == 1


def test_in_production_the_inside_is_never_called(
    app: Flask, receiver: Receiver, admin: Account, drain: Callable[[], int]
) -> None:
    endpoint = listen(receiver.url.replace("http:", "https:"), admin, "order.placed")
    app.extensions["config"] = replace(app.extensions["config"], environment="production")
    order(admin.customer_id)
    drain()
    assert [(call.state, call.reason) for call in calls()] == [("suppressed", "private_address")]
    assert receiver.calls == []
    app.extensions["config"] = replace(app.extensions["config"], private_webhooks=True)
    with transaction():
        db.session.execute(update(Message).values(state="queued", due_at=utcnow()))
    drain()
    assert "ConnectError" in calls()[0].reason, endpoint.url


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.com", "https://", "http://user@example.com/", "https://例子.com", "http://a:x/"],
)
def test_urls_that_cannot_be_called(url: str) -> None:
    with pytest.raises(Invalid, match="url_invalid"):
        checked_url(url, production=False)


def test_production_needs_https() -> None:
    with pytest.raises(Invalid, match="https_needed"):
        checked_url("http://example.com/", production=True)


def test_a_worked_signature() -> None:
    at = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
    expected = hmac.new(b"whsec_x", f"{at}.{{}}".encode(), hashlib.sha256).hexdigest()
    assert signature("whsec_x", at, b"{}") == f"t={at},v1={expected}"


def test_an_admin_adds_tries_and_sends_again(
    receiver: Receiver, admin: Account, client_of: Browsers, drain: Callable[[], int]
) -> None:
    browser = client_of(admin)
    added = browser.post("/admin/webhooks", data={"url": receiver.url, "events": ["order.placed"]}).text
    secret = re.search(r"data-key-text>([^<]+)<", added).group(1)  # type: ignore[union-attr]
    endpoint = db.session.scalars(select(WebhookEndpoint)).one()
    assert secret == endpoint_secret(endpoint)
    page = f"/admin/webhooks/{endpoint.id}"
    assert secret not in browser.get(page).text
    browser.post(f"{page}/ping")
    drain()
    assert [told["event"] for told in receiver.told()] == ["ping"] and "http_200" in browser.get(page).text
    browser.post(f"{page}/deliveries/{calls()[0].id}/again")
    drain()
    assert [told["id"] for told in receiver.told()] == [calls()[0].key] * 2
    renewed = browser.post(f"{page}/secret").text
    assert secret not in renewed and "whsec_" in renewed
    browser.post(page, data={"url": receiver.url, "events": ["case.solved"]})
    db.session.expire_all()
    assert (endpoint.active, endpoint.events) == (False, ["case.solved"])


def test_bad_input_is_kept_and_named(admin: Account, client_of: Browsers) -> None:
    answer = client_of(admin).post("/admin/webhooks", data={"url": "ftp://x", "events": ["order.placed"]})
    assert answer.status_code == 422 and "ftp://x" in answer.text and "完整地址" in answer.text
    assert client_of(admin).post("/admin/webhooks", data={"url": "https://x.example"}).status_code == 422


@pytest.mark.parametrize("who", ["lina", "agent", "manager"])
def test_nobody_else_sees_webhooks(cast: dict[str, Account], client_of: Browsers, who: str) -> None:
    browser = client_of(cast[who])
    endpoint = listen("https://example.com/", cast["admin"], *EVENTS)
    for path in ("/admin/webhooks", f"/admin/webhooks/{endpoint.id}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/admin/webhooks/{endpoint.id}/ping").status_code == 403
