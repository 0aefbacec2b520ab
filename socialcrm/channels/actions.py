"""Verbs of conversations. All run inside the caller's transaction()."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from .. import live
from ..accounts.models import Account
from ..customers.models import Customer
from ..database import db, utcnow
from ..errors import Conflict, Invalid
from ..events import announce
from ..uploads import KeptImage
from .events import ConversationClosed, MessageReceived, MessageSent, VisitorRecognised
from .models import CHANNELS, Conversation, Message

MAX_CHARACTERS = 4000
EXCERPT = 120


def open_conversation(
    customer_id: int, channel: str = "web_chat", *, at: datetime | None = None
) -> Conversation:
    """The customer's open conversation on the channel, or a new one; two at once end in the same one."""
    if channel not in CHANNELS:
        raise Invalid("unknown_channel", field="channel")
    found = _open_one(customer_id, channel)
    if found is not None:
        return found
    now = at or utcnow()
    fresh = Conversation(
        channel=channel,
        customer_id=customer_id,
        state="open",
        opened_at=now,
        last_at=now,
        last_side="system",
        excerpt="",
        staff_read_id=0,
        staff_unread=0,
        customer_read_id=0,
        customer_unread=0,
    )
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
    except IntegrityError:
        return db.session.scalars(_open_query(customer_id, channel)).one()
    return fresh


def _open_query(customer_id: int, channel: str) -> Select[Conversation]:
    return select(Conversation).where(
        Conversation.customer_id == customer_id,
        Conversation.channel == channel,
        Conversation.state == "open",
    )


def _open_one(customer_id: int, channel: str) -> Conversation | None:
    return db.session.scalar(_open_query(customer_id, channel))


def receive_message(
    conversation: Conversation,
    text: str,
    *,
    images: Sequence[KeptImage] = (),
    once: str | None = None,
    at: datetime | None = None,
) -> Message:
    """Store a customer's turn and announce it; the same `once` gives back the first message.

    Raises Invalid `message_empty`, `message_too_long`; Conflict `conversation_closed`.
    """
    known = _known(conversation, once)
    if known is not None:
        return known
    message = _store(conversation, "customer", text, images=images, once=once, at=at)
    conversation.staff_unread += 1
    conversation.waiting_since = conversation.waiting_since or message.at
    announce(MessageReceived(message.id, conversation.id, conversation.customer_id))
    _hint(conversation, message)
    return message


def send_message(
    conversation: Conversation,
    text: str,
    *,
    acting: Account,
    images: Sequence[KeptImage] = (),
    once: str | None = None,
    at: datetime | None = None,
) -> Message:
    """Store an agent's turn and announce it; who answers an unassigned conversation takes it."""
    known = _known(conversation, once)
    if known is not None:
        return known
    message = _store(conversation, "agent", text, acting=acting, images=images, once=once, at=at)
    conversation.customer_unread += 1
    conversation.waiting_since = None
    if conversation.assignee_id is None:
        conversation.assignee_id = acting.id
    announce(MessageSent(message.id, conversation.id, acting.id))
    _hint(conversation, message)
    live.push_to_customer(conversation.customer_id, "message", message.id)
    return message


def _known(conversation: Conversation, once: str | None) -> Message | None:
    if not once:
        return None
    return db.session.scalar(
        select(Message).where(Message.conversation_id == conversation.id, Message.once == once)
    )


def _store(
    conversation: Conversation,
    side: str,
    text: str,
    *,
    acting: Account | None = None,
    images: Sequence[KeptImage] = (),
    once: str | None = None,
    at: datetime | None = None,
) -> Message:
    text = text.strip()
    if not text and not images:
        raise Invalid("message_empty", field="text")
    if len(text) > MAX_CHARACTERS:
        raise Invalid("message_too_long", field="text", most=MAX_CHARACTERS)
    db.session.refresh(conversation, with_for_update={"of": Conversation})
    if conversation.state != "open":
        raise Conflict("conversation_closed")
    message = Message(
        conversation_id=conversation.id,
        side=side,
        account_id=acting.id if acting else None,
        text=text,
        images=[asdict(image) for image in images],
        at=at or utcnow(),
        once=once or None,
    )
    db.session.add(message)
    db.session.flush()
    conversation.last_at = message.at
    conversation.last_side = side
    conversation.excerpt = " ".join(text.split())[:EXCERPT]
    return message


def _hint(conversation: Conversation, message: Message) -> None:
    live.push_to_conversation(conversation.id, "message", message.id)
    live.push_to_staff("message", message.id, conversation=conversation.id)


def take_conversation(conversation: Conversation, *, assignee: Account | None) -> None:
    """Give the conversation to an agent, or back to everybody with None; Invalid `not_service_staff`."""
    if assignee is not None and not assignee.serves:
        raise Invalid("not_service_staff", field="assignee")
    conversation.assignee_id = assignee.id if assignee else None
    live.push_to_staff("conversation", conversation.id)


def close_conversation(conversation: Conversation) -> None:
    """End it; the next thing the customer writes opens a new one."""
    if conversation.state == "closed":
        return
    conversation.state = "closed"
    conversation.closed_at = utcnow()
    conversation.waiting_since = None
    announce(ConversationClosed(conversation.id))
    live.push_to_conversation(conversation.id, "closed", conversation.id)
    live.push_to_staff("conversation", conversation.id)


def reopen_conversation(conversation: Conversation) -> Conversation:
    """Open it again for an agent's word; the open one instead, if the customer has begun another."""
    if conversation.state == "open":
        return conversation
    newer = _open_one(conversation.customer_id, conversation.channel)
    if newer is not None:
        return newer
    conversation.state, conversation.closed_at = "open", None
    db.session.flush()
    live.push_to_staff("conversation", conversation.id)
    return conversation


def mark_read(conversation: Conversation, side: str, up_to: int) -> None:
    """What `side` ('staff' or 'customer') has seen, by the newest message on its screen."""
    if side == "staff" and up_to > conversation.staff_read_id:
        conversation.staff_read_id, conversation.staff_unread = up_to, 0
        live.push_to_conversation(conversation.id, "read", up_to)
    if side == "customer" and up_to > conversation.customer_read_id:
        conversation.customer_read_id, conversation.customer_unread = up_to, 0
        live.push_to_conversation(conversation.id, "read", up_to)


def recognise_visitor(visitor: Customer, customer: Customer) -> None:
    """The guest's conversations become the customer's, at once; what follows from them comes by the event.

    The cookie's token ends with it: whoever uses the browser after the customer has signed out reads nothing.
    """
    for identity in [one for one in visitor.identities if one.kind == "visitor"]:
        db.session.delete(identity)
    theirs, ours = _open_one(visitor.id, "web_chat"), _open_one(customer.id, "web_chat")
    if theirs is not None and ours is not None:
        close_conversation(min(theirs, ours, key=lambda one: one.last_at))
        db.session.flush()
    moved = db.session.scalars(select(Conversation.id).where(Conversation.customer_id == visitor.id)).all()
    db.session.execute(
        update(Conversation).where(Conversation.id.in_(moved)).values(customer_id=customer.id),
        execution_options={"synchronize_session": "fetch"},
    )
    visitor.merged_into_id = customer.id
    announce(VisitorRecognised(visitor.id, customer.id))
    for conversation_id in moved:
        live.push_to_staff("conversation", conversation_id)
