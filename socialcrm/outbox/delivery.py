"""Carry what is due: claim, gate, send outside any transaction, record the outcome.

A crash between sending and recording sends again after the lease: mails then carry the same Message-ID and
webhooks the same key, so that the receiver can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select, update

from ..config import Config
from ..customers.queries import consents_of
from ..database import db, transaction, utcnow
from .gate import judge
from .models import Message
from .smtp import send_by_smtp

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: a state of `Message`, or None to try again later."""

    state: str | None
    reason: str = ""


Sender = Callable[[Message], Outcome]
_senders: dict[str, Sender] = {}


def carries(channel: str) -> Callable[[Sender], Sender]:
    """Register the sender of a channel."""

    def register(sender: Sender) -> Sender:
        _senders[channel] = sender
        return sender

    return register


def deliver_due(limit: int = 50) -> int:
    """Carry up to `limit` due messages; returns how many left the queue."""
    claimed = _claim(limit)
    return sum(_deliver(message_id) for message_id in claimed)


def _claim(limit: int) -> list[int]:
    now = utcnow()
    due = (
        select(Message.id)
        .where(Message.state == "queued", Message.due_at <= now)
        .order_by(Message.due_at)
        .limit(limit)
    )
    waiting = db.session.scalar(due.limit(1))
    db.session.rollback()
    if waiting is None:
        return []
    with transaction():
        return list(
            db.session.scalars(
                update(Message)
                .where(Message.id.in_(due.with_for_update(skip_locked=True).scalar_subquery()))
                .values(due_at=now + LEASE, attempts=Message.attempts + 1)
                .returning(Message.id)
                .execution_options(synchronize_session=False)
            )
        )


def _deliver(message_id: int) -> bool:
    message = db.session.get_one(Message, message_id, populate_existing=True)
    consents = consents_of(message.customer_id) if message.customer_id else {}
    verdict = judge(message.channel, message.purpose, message.recipient, consents)
    outcome = _attempt(message) if verdict.passes else Outcome("suppressed", verdict.reason)
    subject, body = message.subject, message.body
    with transaction():
        _record(message_id, outcome, subject, body)
    return outcome.state is not None


def _attempt(message: Message) -> Outcome:
    db.session.expunge(message)
    db.session.rollback()
    try:
        return _senders[message.channel](message)
    except Exception as error:
        log.warning("delivery_failed", message=message.id, channel=message.channel, exc_info=True)
        return Outcome(None, f"{type(error).__name__}: {error}"[:300])


def _record(message_id: int, outcome: Outcome, subject: str, body: str) -> None:
    message = db.session.get_one(Message, message_id, populate_existing=True)
    if message.state != "queued":
        return
    message.subject, message.body, message.reason = subject[:300], body, outcome.reason
    if outcome.state is not None:
        message.state = outcome.state
        message.sent_at = utcnow() if outcome.state == "sent" else None
    elif message.attempts >= MAX_ATTEMPTS:
        message.state = "failed"
    else:
        message.due_at = utcnow() + timedelta(seconds=min(10 * 3**message.attempts, 6 * 3600))


def render(message: Message) -> tuple[str, str]:
    """Subject (first line of the template) and body, in the message's language."""
    with force_locale(message.language):
        text = render_template(f"outbox/{message.channel}/{message.template}.txt", **message.facts)
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"


@carries("mail")
def _mail(message: Message) -> Outcome:
    config: Config = current_app.extensions["config"]
    message.subject, message.body = render(message)
    if config.smtp_url is None:
        return Outcome("kept", "no_smtp_url")
    send_by_smtp(config.smtp_url, config.mail_from, message)
    return Outcome("sent")


@carries("sms")
def _sms(message: Message) -> Outcome:
    """The local simulator: the text is kept for the outbox screen until a provider is connected."""
    message.subject, message.body = "", render_sms(message)
    return Outcome("kept", "no_sms_provider")


def render_sms(message: Message) -> str:
    """The text message in the message's language."""
    with force_locale(message.language):
        return render_template(f"outbox/sms/{message.template}.txt", **message.facts).strip()
