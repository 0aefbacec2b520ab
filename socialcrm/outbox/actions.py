"""Hand a message to the outbox. Nothing is sent here: the worker passes it through the gate and carries it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from ..database import after_commit, db, telling_a_past, utcnow
from ..events import nudge
from ..live import push_to_customer
from .models import Message


def send_mail(
    template: str,
    *,
    to: str,
    key: str,
    purpose: str = "service",
    customer_id: int | None = None,
    language: str = "zh",
    **facts: Any,
) -> Message:
    """Queue a mail rendered from templates/outbox/mail/<template>.txt with `facts` (JSON values only)."""
    return _queue("mail", template, to, key, purpose, customer_id, language, facts)


def send_sms(
    template: str,
    *,
    to: str,
    key: str,
    purpose: str = "service",
    customer_id: int | None = None,
    language: str = "zh",
    **facts: Any,
) -> Message:
    """Queue a text message rendered from templates/outbox/sms/<template>.txt."""
    return _queue("sms", template, to, key, purpose, customer_id, language, facts)


def send_notice(
    template: str, *, customer_id: int, key: str, purpose: str = "service", **facts: Any
) -> Message:
    """Put a line into the customer's notification centre (templates/outbox/notice/<template>.html).

    `facts` should hold `url`, where the line leads.
    """
    message = _queue("notice", template, "", key, purpose, customer_id, "zh", facts)
    push_to_customer(customer_id, "notice", message.id)
    return message


def queue_webhook(template: str, *, to: str, key: str, **facts: Any) -> Message:
    """Queue a signed call to a webhook; `facts` is the body to be."""
    return _queue("webhook", template, to, key, "service", None, "zh", facts)


def _queue(
    channel: str,
    template: str,
    recipient: str,
    key: str,
    purpose: str,
    customer_id: int | None,
    language: str,
    facts: dict[str, Any],
) -> Message:
    present = db.session.scalar(select(Message).where(Message.key == key))
    if present is not None:
        return present
    now = utcnow()
    message = Message(
        key=key,
        channel=channel,
        purpose=purpose,
        customer_id=customer_id,
        recipient=recipient,
        template=template,
        facts=facts,
        language=language,
        created_at=now,
        due_at=now,
        state=_first_state(channel),
        reason="past" if _first_state(channel) == "kept" else "",
        sent_at=now if channel == "notice" else None,
    )
    db.session.add(message)
    db.session.flush()
    after_commit(nudge)
    return message


def _first_state(channel: str) -> str:
    """A notice is there at once; what belongs to a told past is kept to be read and never leaves."""
    if channel == "notice":
        return "sent"
    return "kept" if telling_a_past() else "queued"


def read_notices(customer_id: int, up_to_id: int) -> None:
    """Mark the customer's notices up to an id as seen."""
    db.session.execute(
        update(Message)
        .where(
            Message.customer_id == customer_id,
            Message.channel == "notice",
            Message.id <= up_to_id,
            Message.read_at.is_(None),
        )
        .values(read_at=utcnow())
    )


def try_again(message: Message) -> None:
    """Put a failed or kept message back in the queue."""
    message.state, message.attempts, message.due_at, message.reason = "queued", 0, utcnow(), ""
    after_commit(nudge)
