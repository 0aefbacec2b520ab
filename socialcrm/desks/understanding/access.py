"""Which texts staff may see the reasons of: the ones whose place they may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...accounts.models import Account
from ...channels.access import conversation_for_staff
from ...channels.models import Message
from ...community.access import post_for
from ...community.queries import facts_of_posts
from ...database import db
from ...errors import Forbidden, NotFound
from ...sentiment.engine import Channel
from ...sentiment.models import Correction, OpinionRow
from ...sentiment.queries import opinion_by_id, opinion_of


@dataclass(frozen=True)
class SaidText:
    """A customer's text, where it was said, and the opinion kept of it (None: not read yet)."""

    subject: str
    subject_id: int
    text: str
    channel: Channel
    author_id: int
    at: datetime
    #: Where it stands, and what that place is called (None for a chat).
    url: str
    place: str | None
    opinion: OpinionRow | None


def text_for(account: Account, subject: str, subject_id: int) -> SaidText:
    """The text for staff who may read where it was said; Forbidden for customers, NotFound for what is not theirs."""
    if not account.staff:
        raise Forbidden
    if subject == "post":
        return _post(account, subject_id)
    if subject == "message":
        return _message(account, subject_id)
    raise NotFound


def correction_for_withdrawal(account: Account, correction: Correction) -> SaidText:
    """The text a correction is about, for who may take the correction back: its maker, and who leads or manages.

    Forbidden, and NotFound like `text_for`: nobody judges words about a text they may not read.
    """
    opinion = opinion_by_id(correction.opinion_id)
    if opinion is None:
        raise NotFound
    said = text_for(account, opinion.subject, opinion.subject_id)
    if correction.account_id != account.id and not account.leads:
        raise Forbidden("not_your_correction")
    return said


def _post(account: Account, post_id: int) -> SaidText:
    post = post_for(account, post_id)
    facts = facts_of_posts([post.id])[post.id]
    return SaidText(
        "post",
        post.id,
        post.text,
        "post",
        post.author_id,
        facts.at,
        facts.url,
        facts.topic_title,
        opinion_of("post", post.id),
    )


def _message(account: Account, message_id: int) -> SaidText:
    message = db.session.get(Message, message_id)
    if message is None or message.side != "customer" or not account.serves:
        raise NotFound
    conversation = conversation_for_staff(account, message.conversation_id)
    return SaidText(
        "message",
        message.id,
        message.text,
        "chat",
        conversation.customer_id,
        message.at,
        f"/desk/inbox/{conversation.id}",
        None,
        opinion_of("message", message.id),
    )
