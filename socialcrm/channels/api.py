"""Conversations through the API: listed, read, taken in from a customer's channel, answered by an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ..accounts.models import Account
from ..api import PREFIX
from ..api.access import needs
from ..api.fields import Answer, Body, Choice, Items, Moment, PageAnswer, PageQuery, Part, Text, Whole
from ..api.lists import list_page
from ..customers.access import customer_for_program
from ..customers.identities import normal_email
from ..customers.looks import looked_at_by_program
from ..database import db, transaction
from ..errors import Invalid, NotFound
from .actions import MAX_CHARACTERS, open_conversation, receive_message, send_message
from .models import CHANNELS, SIDES, STATES, Conversation, Message

bp = APIBlueprint("conversations_api", __name__, url_prefix=PREFIX, tag="Conversations")


class ConversationOut(Answer):
    id = Whole(required=True)
    channel = Choice(*CHANNELS, required=True)
    customer_id = Whole(required=True)
    state = Choice(*STATES, required=True)
    opened_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    last_at = Moment(required=True)
    waiting_since = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "since when the customer waits for an answer"},
    )


class ConversationsOut(PageAnswer):
    items = Items(Part(ConversationOut), required=True)


class ConversationQuery(PageQuery):
    state = Choice(*STATES)
    customer_id = Whole(strict=False)


class MessageOut(Answer):
    id = Whole(required=True)
    conversation_id = Whole(required=True)
    side = Choice(*SIDES, required=True)
    account_id = Whole(required=True, allow_none=True, metadata={"description": "who of the staff wrote it"})
    text = Text(required=True)
    at = Moment(required=True)


class MessagesOut(PageAnswer):
    items = Items(Part(MessageOut), required=True)


class MessageIn(Body):
    customer_id = Whole(1, required=True)
    channel = Choice(*CHANNELS, required=True)
    text = Text(MAX_CHARACTERS, 1, required=True)
    once = Text(40, 1, metadata={"description": "the channel's own id of the message: it is taken in once"})
    at = Moment()


class AnswerIn(Body):
    agent_email = Text(200, 3, required=True, metadata={"description": "the agent who answers"})
    text = Text(MAX_CHARACTERS, 1, required=True)
    once = Text(40, 1)


@bp.get("/conversations")
@needs("conversations:read")
@bp.input(ConversationQuery, location="query")
@bp.output(ConversationsOut)
def list_conversations(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List conversations, the latest word first"""
    query = select(Conversation)
    for name in ("state", "customer_id"):
        if name in query_data:
            query = query.where(getattr(Conversation, name) == query_data[name])
    return list_page(query, query_data, Conversation.last_at, Conversation.id)


@bp.get("/conversations/<int:conversation_id>")
@needs("conversations:read")
@bp.output(ConversationOut)
def show_conversation(conversation_id: int) -> Conversation:
    """Show one conversation"""
    return _conversation(conversation_id)


def _conversation(conversation_id: int) -> Conversation:
    conversation = db.session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("conversation_unknown")
    return conversation


@bp.get("/conversations/<int:conversation_id>/messages")
@needs("conversations:read")
@bp.input(PageQuery, location="query")
@bp.output(MessagesOut)
def list_messages(conversation_id: int, query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List what was said, oldest first"""
    looked_at_by_program(_conversation(conversation_id).customer_id)
    query = select(Message).where(Message.conversation_id == conversation_id)
    return list_page(query, query_data, Message.id, oldest_first=True)


@bp.post("/messages")
@needs("conversations:write")
@bp.input(MessageIn)
@bp.output(MessageOut)
def take_in(json_data: Mapping[str, Any]) -> Message:
    """Take in what a customer wrote on a channel

    It goes to the customer's open conversation on the channel, or opens one; it is scored and alarms as any chat.
    """
    with transaction():
        customer = customer_for_program(json_data["customer_id"])
        conversation = open_conversation(customer.id, json_data["channel"], at=json_data.get("at"))
        return receive_message(
            conversation, json_data["text"], once=json_data.get("once"), at=json_data.get("at")
        )


@bp.post("/conversations/<int:conversation_id>/answers")
@needs("conversations:write")
@bp.input(AnswerIn)
@bp.output(MessageOut)
def answer(conversation_id: int, json_data: Mapping[str, Any]) -> Message:
    """Answer for an agent

    Who answers an unassigned conversation takes it. A closed one is refused (409 conversation_closed).
    """
    with transaction():
        conversation = _conversation(conversation_id)
        agent = _agent(json_data["agent_email"])
        return send_message(conversation, json_data["text"], acting=agent, once=json_data.get("once"))


def _agent(email: str) -> Account:
    account = db.session.scalar(
        select(Account).where(Account.email == normal_email(email), Account.active.is_(True))
    )
    if account is None or not account.serves:
        raise Invalid("agent_unknown", field="agent_email")
    return account
