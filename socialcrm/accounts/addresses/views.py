"""Confirming the mail address, typing the code sent to the phone."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from ...customers.models import Identity
from ...database import db, transaction
from ...errors import Invalid, NotFound, SocialError
from ...web import limiter
from ..actions import ask_email_link, ask_phone_code
from ..forms import CodeForm, ConfirmForm, show_error
from ..logins import safe_next
from ..models import Account
from ..proof import prove_identity, spend_phone_code
from ..session import require_account
from ..tokens import EMAIL_SECONDS, unsign

bp = APIBlueprint("addresses", __name__, enable_openapi=False)


def _next() -> str:
    return safe_next(request.values.get("next")) or url_for("profile.edit")


@bp.route("/verify/email/<token>", methods=["GET", "POST"])
def verify_email(token: str) -> ResponseReturnValue:
    """The mailed link leads here; the button confirms, so that a mail scanner's GET confirms nothing."""
    account_id, address = unsign("email", token, EMAIL_SECONDS)
    account = db.session.get(Account, account_id)
    if account is None or not account.active or account.email != address:
        raise Invalid("link_expired")
    form = ConfirmForm()
    outcome = None
    if form.validate_on_submit():
        with transaction():
            outcome = prove_identity(db.session.get_one(Account, account_id), "email")
    return render_template("accounts/verify_email.html", form=form, address=address, outcome=outcome)


@bp.post("/verify/email")
@limiter.limit("5 per hour")
def send_email_link() -> ResponseReturnValue:
    """Mail the link again."""
    account = require_account()
    if not account.email:
        raise NotFound
    with transaction():
        ask_email_link(account)
    flash(_("确认邮件又发了一次，请查收。"))
    return redirect(_next())


@bp.route("/verify/phone", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def verify_phone() -> ResponseReturnValue:
    """Type the code that was sent to the account's phone."""
    account = require_account()
    if not account.phone:
        raise NotFound
    form = CodeForm()
    if form.validate_on_submit():
        try:
            spend_phone_code(account.id, "verify", str(form.code.data))
            with transaction():
                outcome = prove_identity(db.session.get_one(Account, account.id), "phone")
            flash(_outcome_sentence(outcome))
            return redirect(_next())
        except SocialError as error:
            show_error(form, error, "code")
    page = render_template(
        "accounts/verify_phone.html", form=form, phone=account.phone, proven=_proven(account), next=_next()
    )
    return page, 422 if form.errors else 200


def _proven(account: Account) -> bool:
    return (
        db.session.scalar(
            select(Identity.id).where(
                Identity.customer_id == account.customer_id,
                Identity.kind == "phone",
                Identity.value == account.phone,
                Identity.verified_at.is_not(None),
            )
        )
        is not None
    )


def _outcome_sentence(outcome: str) -> str:
    if outcome == "attached":
        return _("手机号验证好了，以前的订单和记录已经接到你的账号上。")
    if outcome == "suggested":
        return _("手机号和以前的一份记录相同，客服会核对后合并。")
    return _("手机号验证好了。")


@bp.post("/verify/phone/code")
@limiter.limit("10 per hour")
def send_phone_code() -> ResponseReturnValue:
    """Send the code again."""
    account = require_account()
    with transaction():
        ask_phone_code(account, "verify")
    flash(_("验证码又发了一次。"))
    return redirect(url_for("addresses.verify_phone", next=_next()))
