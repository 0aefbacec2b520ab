"""The customer's side of the web chat: members and guests, on any page."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..accounts.session import current_account
from ..customers.models import Customer
from ..database import db, transaction
from ..errors import NotFound, SocialError
from ..uploads import checked_key, keep_images, picture_answer
from ..web import limiter, takes_uploads
from .access import chatting_customer, conversation_for
from .actions import mark_read, open_conversation, receive_message
from .forms import ChatForm
from .models import Conversation, Message
from .queries import PAGE, has_picture, latest_conversation_of, messages_of, unread_of_customer
from .visitors import create_visitor, keep_visitor

bp = APIBlueprint("chat", __name__, enable_openapi=False)


@bp.get("/chat")
def chat() -> ResponseReturnValue:
    """The chat as a page of its own, or as the panel that opens over any page (htmx)."""
    conversation = _conversation()
    messages = _read(conversation) if conversation else []
    template = "channels/_chat.html" if request.headers.get("HX-Request") else "channels/chat.html"
    return render_template(template, **_facts(conversation, messages, ChatForm(formdata=None)))


def _conversation() -> Conversation | None:
    customer = chatting_customer(current_account())
    return latest_conversation_of(customer.id) if customer else None


def _read(conversation: Conversation) -> list[Message]:
    """The newest turns; that the customer has seen them is written down in a short transaction."""
    messages = messages_of(conversation.id)
    if messages and conversation.customer_unread:
        with transaction():
            found = db.session.get_one(Conversation, conversation.id)
            mark_read(found, "customer", messages[-1].id)
        messages = messages_of(conversation.id)
    return messages


def _facts(conversation: Conversation | None, messages: list[Message], form: ChatForm) -> dict[str, object]:
    earlier = None
    if conversation and len(messages) == PAGE:
        earlier = url_for(".messages", conversation_id=conversation.id, before=messages[0].id)
    return {"conversation": conversation, "messages": messages, "form": form, "earlier": earlier}


@bp.get("/chat/<int:conversation_id>/messages")
def messages(conversation_id: int) -> ResponseReturnValue:
    """What came after a message (live), or the page before one."""
    after, before = (
        int(value) if (value := request.args.get(name, "")).isdecimal() and len(value) < 18 else 0
        for name in ("after", "before")
    )
    account = current_account()
    conversation = conversation_for(account, conversation_id)
    customer = chatting_customer(account)
    if customer is None or customer.id != conversation.customer_id:
        raise NotFound
    if not before:
        _read(conversation)
    found = messages_of(conversation_id, after=after, before=before or None)
    facts = _facts(conversation, found, ChatForm(formdata=None))
    return render_template("channels/_turns.html", **(facts if before else facts | {"earlier": None}))


@bp.app_template_global("message_pictures")
def message_pictures(message: Message) -> list[str]:
    """The addresses of a turn's pictures."""
    place = message.conversation_id
    return [url_for("chat.file", conversation_id=place, key=image["key"]) for image in message.images]


@bp.get("/chat/<int:conversation_id>/files/<key>")
def file(conversation_id: int, key: str) -> ResponseReturnValue:
    """A picture of a conversation, for who may read the conversation."""
    conversation = conversation_for(current_account(), conversation_id)
    if not has_picture(conversation.id, checked_key(key)):
        raise NotFound
    return picture_answer(key)


@bp.post("/chat/messages")
@takes_uploads
@limiter.limit("30/minute")
def send() -> ResponseReturnValue:
    """Say something. A guest becomes a known visitor with the first message; a retried send is stored once."""
    form = ChatForm()
    before = _conversation()
    if not form.validate_on_submit():
        return _refused(before, form)
    token = None
    try:
        images = keep_images(form.images.data or ())
        with transaction():
            customer = chatting_customer(current_account())
            if customer is None:
                customer, token = create_visitor(form.name.data or _("访客"))
            conversation = open_conversation(customer.id)
            receive_message(conversation, form.text.data or "", images=images, once=form.once.data)
    except SocialError as error:
        form.text.errors = [_refusal(error)]
        return _refused(before, form)
    return _sent(customer, before, token)


def _refusal(error: SocialError) -> str:
    if error.code in ("message_empty", "message_too_long"):
        return _("写点内容再发送，最多 4000 个字。")
    if error.field == "images":
        return _("图片没有发出：最多 9 张，每张不超过 10 MB，JPG、PNG、WebP 或 GIF。文字还在。")
    raise error


def _refused(before: Conversation | None, form: ChatForm) -> ResponseReturnValue:
    found = messages_of(before.id) if before else []
    template = "channels/_chat.html" if request.headers.get("HX-Request") else "channels/chat.html"
    answer = make_response(render_template(template, **_facts(before, found, form)), 422)
    _into_panel(answer)
    return answer


def _sent(customer: Customer, before: Conversation | None, token: str | None) -> ResponseReturnValue:
    """The turns anew, or the whole panel when a conversation has just begun, so that it joins its room."""
    if not request.headers.get("HX-Request"):
        answer = make_response(redirect(url_for(".chat"), 303))
    else:
        conversation = latest_conversation_of(customer.id)
        assert conversation is not None
        facts = _facts(conversation, messages_of(conversation.id), ChatForm(formdata=None))
        goes_on = before is not None and before.id == conversation.id
        template = "channels/_sent.html" if goes_on else "channels/_chat.html"
        answer = make_response(render_template(template, **facts))
        if not goes_on:
            _into_panel(answer)
    if token:
        keep_visitor(answer, token)
    return answer


def _into_panel(answer: Response) -> None:
    answer.headers["HX-Retarget"] = "#chat"
    answer.headers["HX-Reswap"] = "outerHTML"


@bp.get("/chat/unread")
def unread() -> ResponseReturnValue:
    """How many answers wait: the number on the chat button."""
    customer = chatting_customer(current_account())
    return render_template("channels/_unread.html", number=unread_of_customer(customer.id) if customer else 0)
