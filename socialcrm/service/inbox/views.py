"""The agent's inbox: conversations of every channel, live on both sides."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from ...accounts.models import SERVICE_ROLES, Account
from ...accounts.session import require_role
from ...channels.access import conversation_for_staff
from ...channels.actions import close_conversation, mark_read, send_message, take_conversation
from ...channels.models import Conversation
from ...channels.queries import PAGE, conversations_visible_to_staff, messages_of
from ...database import db, transaction
from ...errors import Invalid, NotFound, SocialError
from ...sentiment.queries import opinions_of
from ...uploads import keep_images
from ...web import takes_uploads, whole_number
from ..cases.queries import case_of_conversation, staff
from ..desk import chosen_id, page_key
from ..forms import AnswerForm, show_error
from ..story import note_look

bp = APIBlueprint("inbox", __name__, url_prefix="/desk/inbox", enable_openapi=False)

VIEWS = ("open", "mine", "unassigned", "closed")


def _agent() -> Account:
    return require_role(*SERVICE_ROLES)


def _list(acting: Account) -> dict[str, object]:
    view = request.args.get("view", "open")
    if view not in VIEWS:
        raise NotFound
    found = conversations_visible_to_staff(
        state="closed" if view == "closed" else "open",
        assignee_id=acting.id if view == "mine" else None,
        unassigned=view == "unassigned",
        before=page_key("before"),
    )
    more = None
    if len(found) == PAGE:
        more = url_for(".rows", view=view, before=f"{found[-1].last_at.isoformat()},{found[-1].id}")
    return {"conversations": found, "view": view, "more": more}


@bp.get("")
def inbox() -> ResponseReturnValue:
    """All open conversations, the newest word first."""
    return render_template("service/inbox.html", **_list(_agent()), conversation=None, chosen=None)


@bp.get("/rows")
def rows() -> ResponseReturnValue:
    """The list anew for a live hint, or its next page."""
    acting = _agent()
    return render_template("service/_inbox_rows.html", **_list(acting), chosen=chosen_id("/desk/inbox/"))


@bp.get("/<int:conversation_id>")
def conversation(conversation_id: int) -> ResponseReturnValue:
    """One conversation; opening it marks it read and writes down who looked."""
    acting = _agent()
    with transaction():
        found = conversation_for_staff(acting, conversation_id)
        note_look(found.customer_id, acting, "conversation")
        latest = messages_of(found.id, limit=1)
        mark_read(found, "staff", latest[0].id if latest else 0)
    return _page(acting, conversation_id, AnswerForm(formdata=None))


def _page(acting: Account, conversation_id: int, form: AnswerForm, status: int = 200) -> ResponseReturnValue:
    found = db.session.get_one(
        Conversation,
        conversation_id,
        options=[joinedload(Conversation.customer), joinedload(Conversation.assignee)],
        populate_existing=True,
    )
    page = render_template(
        "service/inbox.html",
        **_list(acting),
        **_messages(found),
        chosen=found.id,
        case=case_of_conversation(found.id),
        answer=form,
        agents=staff(),
    )
    return page, status


def _refused(acting: Account, conversation_id: int, form: AnswerForm) -> ResponseReturnValue:
    """The whole pane with what was typed and why it was refused; htmx is told to put it where the pane is."""
    answer = make_response(_page(acting, conversation_id, form, 422))
    answer.headers["HX-Retarget"] = answer.headers["HX-Reselect"] = "#opened"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _messages(found: Conversation, *, after: int = 0, before: int | None = None) -> dict[str, object]:
    messages = messages_of(found.id, after=after, before=before)
    opinions = opinions_of("message", [one.id for one in messages if one.side == "customer"])
    earlier = None
    if len(messages) == PAGE and not after:
        earlier = url_for(".messages", conversation_id=found.id, before=messages[0].id)
    return {"conversation": found, "messages": messages, "opinions": opinions, "earlier": earlier}


@bp.get("/<int:conversation_id>/messages")
def messages(conversation_id: int) -> ResponseReturnValue:
    """What came after a message (live), or the page before one; reading marks what came as read."""
    acting = _agent()
    after, before = (request.args.get(name, 0, type=whole_number) for name in ("after", "before"))
    found = conversation_for_staff(acting, conversation_id)
    fresh = _messages(found, after=after, before=before or None)
    page = render_template("service/_messages.html", **fresh)
    if after and found.staff_unread:
        with transaction():
            found = conversation_for_staff(acting, conversation_id)
            mark_read(found, "staff", messages_of(found.id, limit=1)[0].id)
    return page


@bp.post("/<int:conversation_id>/messages")
@takes_uploads
def send(conversation_id: int) -> ResponseReturnValue:
    """Answer; a retried send is stored once."""
    acting = _agent()
    form = AnswerForm()
    try:
        given = request.files.getlist("images")
        if not form.validate_on_submit() and not (given and form.text.data == ""):
            raise Invalid("message_empty", field="text")
        images = keep_images(given)
        with transaction():
            found = conversation_for_staff(acting, conversation_id)
            send_message(found, form.text.data or "", acting=acting, images=images, once=form.once.data)
    except SocialError as error:
        conversation_for_staff(acting, conversation_id)
        show_error(form, error, "text")
        return _refused(acting, conversation_id, form)
    if request.headers.get("HX-Request"):
        return render_template("service/_sent.html", **_messages(found), once=AnswerForm(formdata=None).once)
    return redirect(url_for(".conversation", conversation_id=conversation_id), 303)


@bp.post("/<int:conversation_id>/take")
def take(conversation_id: int) -> ResponseReturnValue:
    """The agent takes the conversation, or gives it to somebody (`assignee`), or back to everybody (0)."""
    acting = _agent()
    chosen = request.form.get("assignee", type=whole_number, default=acting.id)
    with transaction():
        found = conversation_for_staff(acting, conversation_id)
        take_conversation(found, assignee=db.session.get(Account, chosen) if chosen else None)
    return redirect(url_for(".conversation", conversation_id=conversation_id), 303)


@bp.post("/<int:conversation_id>/close")
def close(conversation_id: int) -> ResponseReturnValue:
    """End the conversation; the customer's next word opens a new one."""
    acting = _agent()
    with transaction():
        close_conversation(conversation_for_staff(acting, conversation_id))
    flash(_("会话已结束。"))
    return redirect(url_for(".inbox"), 303)
