"""Forgotten passwords."""

from __future__ import annotations

from contextlib import suppress

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...database import db, transaction
from ...errors import Invalid, SocialError, TooMany
from ...web import limiter
from ..actions import ask_password_reset, ask_phone_code, set_password
from ..forms import ForgotForm, NewPasswordForm, PhoneResetForm, login_of, show_error
from ..models import Account
from ..passwords import check_password, hash_password
from ..proof import spend_phone_code
from ..queries import account_by_login
from ..tokens import RESET_SECONDS, unsign

bp = APIBlueprint("recovery", __name__, enable_openapi=False)


@bp.route("/forgot", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def forgot() -> ResponseReturnValue:
    """Ask for a reset; the answer is the same whether the account exists or not."""
    form = ForgotForm()
    if form.validate_on_submit():
        try:
            kind, login = login_of(form.login.data)
            return _begin_reset(kind, login)
        except SocialError as error:
            show_error(form, error, "login")
    page = render_template("accounts/forgot.html", form=form)
    return page, 422 if form.errors else 200


def _begin_reset(kind: str, login: str) -> ResponseReturnValue:
    account = account_by_login(kind, login)
    if account is not None and account.active:
        with transaction():
            account = db.session.get_one(Account, account.id, with_for_update=True)
            if kind == "email":
                ask_password_reset(account)
            else:
                with suppress(TooMany):
                    ask_phone_code(account, "reset")
    if kind == "phone":
        session["reset_phone"] = login
        return redirect(url_for("recovery.reset_by_phone"))
    return render_template("accounts/forgot_sent.html", address=login)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set a new password by the mailed link; it works once and for an hour."""
    account_id, nonce = unsign("reset", token, RESET_SECONDS)
    account = db.session.get(Account, account_id)
    if account is None or not account.active or not nonce or account.reset_nonce != nonce:
        raise Invalid("link_expired")
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            _set_by_link(account, nonce, str(form.password.data))
            flash(_("新密码已经生效，其他设备都退出了登录。"))
            return redirect(url_for("accounts.sign_in"))
        except SocialError as error:
            show_error(form, error, "password")
    page = render_template("accounts/reset.html", form=form)
    return page, 422 if form.errors else 200


def _set_by_link(account: Account, nonce: str, password: str) -> None:
    check_password(password, names=(account.email, account.phone))
    encoded = hash_password(password)
    with transaction():
        account = db.session.get_one(Account, account.id, with_for_update=True)
        if account.reset_nonce != nonce:
            raise Invalid("link_expired")
        set_password(account, encoded)


@bp.route("/reset-by-phone", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def reset_by_phone() -> ResponseReturnValue:
    """Set a new password by the code that was sent to the phone."""
    phone = session.get("reset_phone")
    if not phone:
        return redirect(url_for("recovery.forgot"))
    form = PhoneResetForm()
    if form.validate_on_submit():
        try:
            _set_by_code(phone, str(form.code.data), str(form.password.data))
            session.pop("reset_phone")
            flash(_("新密码已经生效，其他设备都退出了登录。"))
            return redirect(url_for("accounts.sign_in"))
        except SocialError as error:
            show_error(form, error, "code")
    page = render_template("accounts/reset_by_phone.html", form=form, phone=phone)
    return page, 422 if form.errors else 200


def _set_by_code(phone: str, typed: str, password: str) -> None:
    check_password(password, names=(phone,))
    encoded = hash_password(password)
    account = account_by_login("phone", phone)
    if account is None or not account.active:
        raise Invalid("wrong_code", field="code")
    spend_phone_code(account.id, "reset", typed)
    with transaction():
        set_password(db.session.get_one(Account, account.id, with_for_update=True), encoded)
