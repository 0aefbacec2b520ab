"""我的安全: password, devices, second factor."""

from __future__ import annotations

import io
import time

import pyotp
import segno
from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...database import db, transaction
from ...errors import Forbidden, Invalid, NotFound, SocialError
from ...settings import setting
from ...web import limiter
from ..actions import (
    begin_second_factor,
    end_one_session,
    end_second_factor,
    end_sessions,
    renew_recovery_codes,
    set_password,
)
from ..devices import device_name, network_of
from ..forms import ChangePasswordForm, CodeForm, ConfirmForm, ConfirmPasswordForm, show_error
from ..logins import safe_next
from ..models import Account
from ..passwords import check_password, hash_password, password_matches
from ..queries import open_sessions
from ..second_factor import accepted_step, new_recovery_codes, provisioning_uri
from ..session import current_account, end_session, key_hash, note_use, require_account

bp = APIBlueprint("security", __name__, url_prefix="/me/security", enable_openapi=False)

#: Pages a member of staff reaches before the required second factor is set up.
OPEN_WITHOUT = frozenset(
    {
        "security.set_up",
        "security.code_picture",
        "security.overview",
        "accounts.sign_out",
        "accounts.preferences",
    }
)


@bp.before_app_request
def note_device_in_use() -> None:
    """Before a signed-in person's page: when the device was last seen."""
    if not _is_file(request.endpoint or "") and current_account() is not None:
        note_use()


@bp.before_app_request
def lead_staff_to_second_factor() -> ResponseReturnValue | None:
    """Staff without a second factor are led to set one up where the administrator requires it."""
    endpoint = request.endpoint or ""
    if not setting("security.staff_second_factor") or endpoint in OPEN_WITHOUT or _is_file(endpoint):
        return None
    account = current_account()
    if account is None or not account.staff or account.totp_secret:
        return None
    if request.method != "GET":
        raise Forbidden("second_factor_needed")
    return redirect(url_for("security.set_up", next=request.full_path))


def _is_file(endpoint: str) -> bool:
    return endpoint == "static" or endpoint.startswith(("look.", "files.", "monitoring."))


@bp.get("")
def overview() -> str:
    """Password, devices, second factor at a glance."""
    account = require_account()
    here = key_hash(session["key"])
    devices = [
        (row, device_name(row.user_agent), network_of(row.address), row.key_hash == here)
        for row in open_sessions(account.id)
    ]
    return render_template(
        "accounts/security.html", devices=devices, form=ConfirmForm(), required=_required(account)
    )


def _required(account: Account) -> bool:
    return account.staff and bool(setting("security.staff_second_factor"))


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def password() -> ResponseReturnValue:
    """Change the password; every other device is signed out."""
    account = require_account()
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            _change_password(account, str(form.current.data), str(form.password.data))
            flash(_("密码改好了，其他设备都退出了登录。"))
            return redirect(url_for("security.overview"))
        except SocialError as error:
            show_error(form, error, "password")
    page = render_template("accounts/change_password.html", form=form)
    return page, 422 if form.errors else 200


def _change_password(account: Account, current: str, new: str) -> None:
    _confirm_password(account, current)
    check_password(new, names=(account.email, account.phone))
    encoded = hash_password(new)
    with transaction():
        set_password(db.session.get_one(Account, account.id), encoded, keep_session=key_hash(session["key"]))


def _confirm_password(account: Account, typed: str) -> None:
    if not password_matches(account.password, typed):
        raise Invalid("wrong_password", field="current")


@bp.post("/devices/<int:session_id>/end")
def end_device(session_id: int) -> ResponseReturnValue:
    """Sign one device out."""
    account = require_account()
    with transaction():
        end_one_session(account.id, session_id)
    flash(_("那台设备已经退出登录。"))
    return redirect(url_for("security.overview"))


@bp.post("/devices/end")
def end_devices() -> ResponseReturnValue:
    """Sign out everywhere: every other device, or with `here` this one too."""
    account = require_account()
    everywhere = bool(request.form.get("here"))
    with transaction():
        end_sessions(account.id, keep=None if everywhere else key_hash(session["key"]))
        if everywhere:
            end_session()
    if everywhere:
        return redirect(url_for("accounts.sign_in"))
    flash(_("其他设备都退出了登录。"))
    return redirect(url_for("security.overview"))


# The second factor


@bp.route("/second-factor", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def set_up() -> ResponseReturnValue:
    """Scan the code, type what the app shows, keep the recovery codes."""
    account = require_account()
    if account.totp_secret:
        return redirect(url_for("security.overview"))
    secret = session.setdefault("new_totp", pyotp.random_base32())
    form = CodeForm()
    if form.validate_on_submit():
        step = accepted_step(secret, str(form.code.data), time.time(), None)
        if step is not None:
            return _begin(account, secret, step)
        show_error(form, Invalid("wrong_code"), "code")
    target = safe_next(request.values.get("next")) or url_for("security.overview")
    page = render_template(
        "accounts/second_factor_set_up.html",
        form=form,
        secret=secret,
        required=_required(account),
        next=target,
    )
    return page, 422 if form.errors else 200


def _begin(account: Account, secret: str, step: int) -> ResponseReturnValue:
    codes = new_recovery_codes()
    hashes = [hash_password(code) for code in codes]
    with transaction():
        begin_second_factor(db.session.get_one(Account, account.id), secret, step, hashes)
        end_sessions(account.id, keep=key_hash(session["key"]))
    session.pop("new_totp")
    target = safe_next(request.values.get("next")) or url_for("security.overview")
    return render_template("accounts/recovery_codes.html", codes=codes, next=target)


@bp.get("/second-factor/code.svg")
def code_picture() -> Response:
    """The QR code of the secret that is being set up; an address of its own, for the page allows no inline pictures."""
    account = require_account()
    secret = session.get("new_totp")
    if not secret:
        raise NotFound
    uri = provisioning_uri(secret, account.email or account.phone or "", str(setting("brand.name")))
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=5, border=3, light="white")
    response = Response(picture.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/second-factor/recovery-codes", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes; the old ones stop working."""
    account = _with_second_factor()
    form = ConfirmPasswordForm()
    if form.validate_on_submit():
        try:
            _confirm_password(account, str(form.current.data))
            return _renew(account)
        except SocialError as error:
            show_error(form, error, "current")
    page = render_template("accounts/recovery_codes_ask.html", form=form)
    return page, 422 if form.errors else 200


def _renew(account: Account) -> ResponseReturnValue:
    codes = new_recovery_codes()
    hashes = [hash_password(code) for code in codes]
    with transaction():
        renew_recovery_codes(db.session.get_one(Account, account.id), hashes)
    return render_template("accounts/recovery_codes.html", codes=codes, next=url_for("security.overview"))


@bp.route("/second-factor/off", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def switch_off() -> ResponseReturnValue:
    """Give the second factor up; refused to staff where it is required."""
    account = _with_second_factor()
    if _required(account):
        raise Forbidden("second_factor_required")
    form = ConfirmPasswordForm()
    if form.validate_on_submit():
        try:
            _confirm_password(account, str(form.current.data))
            with transaction():
                end_second_factor(db.session.get_one(Account, account.id))
            flash(_("第二步验证关掉了。"))
            return redirect(url_for("security.overview"))
        except SocialError as error:
            show_error(form, error, "current")
    page = render_template("accounts/second_factor_off.html", form=form)
    return page, 422 if form.errors else 200


def _with_second_factor() -> Account:
    account = require_account()
    if not account.totp_secret:
        raise NotFound
    return account
