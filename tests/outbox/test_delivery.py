"""Messages leave once, through the gate, outside transactions; what cannot leave says why."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import set_consent
from socialcrm.database import db, transaction
from socialcrm.outbox.actions import send_mail, send_notice, send_sms
from socialcrm.outbox.models import Message
from socialcrm.outbox.queries import notices_of, unread_notices

Cast = dict[str, Account]
Drain = Callable[[], int]


def test_a_key_is_queued_once(app: Flask, drain: Drain) -> None:
    for _ in range(2):
        with transaction():
            send_mail("plain", to="a@example.com", key="welcome:1", subject="你好", text="欢迎")
    drain()
    message = db.session.scalars(db.select(Message)).one()
    assert (message.state, message.reason) == ("kept", "no_smtp_url")
    assert (message.subject, message.body) == ("你好", "欢迎\n")


def test_a_withdrawn_consent_stops_a_queued_mail(app: Flask, cast: Cast, drain: Drain) -> None:
    customer = cast["lina"].customer_id
    with transaction():
        set_consent(customer, "marketing_email", True, source="profile")
        send_mail(
            "plain",
            to="a@example.com",
            key="m:1",
            purpose="marketing_email",
            customer_id=customer,
            subject="s",
            text="t",
        )
        set_consent(customer, "marketing_email", False, source="profile")
    drain()
    message = db.session.scalars(db.select(Message).where(Message.key == "m:1")).one()
    assert (message.state, message.reason, message.body) == ("suppressed", "no_consent", "")


def test_a_text_message_is_kept_by_the_simulator(app: Flask, drain: Drain) -> None:
    with transaction():
        send_sms("code", to="+8613800000000", key="code:1", code="123456", minutes=10)
    drain()
    message = db.session.scalars(db.select(Message)).one()
    assert message.state == "kept" and "123456" in message.body


def test_a_failing_sender_is_tried_again_later(app: Flask, drain: Drain) -> None:
    with transaction():
        send_mail("no_such_template", to="a@example.com", key="x:1")
    drain()
    message = db.session.scalars(db.select(Message)).one()
    assert message.state == "queued" and message.attempts == 1 and "TemplateNotFound" in message.reason


def test_notices_are_listed_and_counted(app: Flask, cast: Cast) -> None:
    customer = cast["lina"].customer_id
    with transaction():
        send_notice("plain", customer_id=customer, key="n:1", url="/groups", text="有人回复了你")
    assert unread_notices(customer) == 1
    assert [notice.facts["text"] for notice in notices_of(customer)] == ["有人回复了你"]


def test_the_notice_page_and_the_outbox_have_doors(app: Flask, cast: Cast, client_of: Callable) -> None:  # type: ignore[type-arg]
    with transaction():
        send_notice(
            "plain", customer_id=cast["lina"].customer_id, key="n:1", url="/groups", text="有人回复了你"
        )
        sent = send_mail("plain", to="a@example.com", key="m:9", subject="s", text="t")
    assert "有人回复了你" in client_of(cast["lina"]).get("/messages").text
    assert "有人回复了你" not in client_of(cast["wangqiang"]).get("/messages").text
    assert client_of(cast["admin"]).get(f"/admin/outbox/{sent.id}").status_code == 200
    for who in ("lina", "agent", "manager"):
        assert client_of(cast[who]).get("/admin/outbox").status_code == 403
