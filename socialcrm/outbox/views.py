"""The notification centre of a customer, and the outbox screen of an administrator."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..accounts.session import current_account, require_account, require_role
from ..database import transaction
from ..web import whole_number
from .access import message_for
from .actions import read_notices, try_again
from .models import CHANNELS, STATES
from .queries import PAGE, notices_of, outbox_page, unread_notices

bp = APIBlueprint("outbox", __name__, enable_openapi=False)


@bp.app_context_processor
def _unread() -> dict[str, object]:
    """`unread_messages` for the shells, one query for a signed-in person."""
    account = current_account()
    return {"unread_messages": unread_notices(account.customer_id) if account else 0}


@bp.get("/messages")
def notices() -> str:
    """消息: what the brand and the community told this customer."""
    account = require_account()
    page = notices_of(account.customer_id, before_id=request.args.get("before", type=whole_number))
    return render_template("outbox/notices.html", notices=page, more=len(page) == PAGE)


@bp.get("/messages/count")
def message_count() -> str:
    """The unread mark of the navigation, fetched when a hint arrives."""
    account = require_account()
    return render_template("outbox/_count.html", unread=unread_notices(account.customer_id))


@bp.post("/messages/read")
def mark_notices_read() -> ResponseReturnValue:
    """Mark as seen everything up to the newest shown."""
    account = require_account()
    with transaction():
        read_notices(account.customer_id, request.form.get("up_to", 0, type=whole_number))
    return redirect(url_for("outbox.notices"))


@bp.get("/admin/outbox")
def outbox() -> str:
    """Every mail, text message and webhook call with its state."""
    require_role("admin")
    asked = request.args
    channel = asked["channel"] if asked.get("channel") in CHANNELS else None
    state = asked["state"] if asked.get("state") in STATES else None
    page = outbox_page(channel=channel, state=state, before_id=asked.get("before", type=whole_number))
    return render_template(
        "outbox/outbox.html",
        messages=page,
        more=len(page) == PAGE,
        channel=channel,
        state=state,
        channels=CHANNELS,
        states=STATES,
    )


@bp.get("/admin/outbox/<int:message_id>")
def outbox_message(message_id: int) -> str:
    """One message as it left."""
    message = message_for(require_role("admin"), message_id)
    return render_template("outbox/message.html", message=message)


@bp.post("/admin/outbox/<int:message_id>/again")
def send_again(message_id: int) -> ResponseReturnValue:
    """Try a failed or kept message again."""
    account = require_role("admin")
    with transaction():
        message = message_for(account, message_id)
        if message.state in ("failed", "kept"):
            try_again(message)
    return redirect(url_for("outbox.outbox_message", message_id=message_id))
