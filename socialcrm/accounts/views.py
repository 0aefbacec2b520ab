"""Signing up, in and out, forgotten passwords, proof of addresses, language and theme."""

from __future__ import annotations

import time
from contextlib import suppress

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from ..customers.consent_texts import wordings_in_force
from ..customers.models import Identity
from ..database import db, transaction, utcnow
from ..errors import Invalid, NotFound, SocialError, TooMany
from ..web import LANGUAGES, language, limiter
from .actions import (
    ask_email_link,
    ask_password_reset,
    ask_phone_code,
    choose_language,
    choose_theme,
    record_sign_in,
    record_wrong_password,
    set_password,
    sign_up,
)
from .forms import (
    CodeForm,
    ConfirmForm,
    ForgotForm,
    NewPasswordForm,
    PhoneResetForm,
    SecondFactorForm,
    SignInForm,
    SignUpForm,
    show_error,
    sign_up_form,
)
from .logins import login_key, safe_next
from .models import Account
from .passwords import check_password, hash_password, password_matches
from .proof import phone_code_fits, prove_identity
from .queries import account_by_login
from .session import begin_session, current_account, end_session, require_account
from .tokens import EMAIL_SECONDS, REFERRAL_COOKIE, RESET_SECONDS, remembered_referral, unsign
from .totp import use_second_factor

bp = APIBlueprint("accounts", __name__, enable_openapi=False)

SECOND_FACTOR_SECONDS = 600


def _next() -> str:
    return safe_next(request.values.get("next")) or url_for("desks.home")


# Signing up


@bp.route("/sign-up", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def register() -> ResponseReturnValue:
    """The sign-up page; a referral code that came by /r/<code> is announced with the account."""
    if current_account() is not None:
        return redirect(_next())
    wordings = wordings_in_force(language())
    stated = wordings.pop("service")
    form = sign_up_form(list(wordings))
    referral = remembered_referral()
    if form.validate_on_submit():
        try:
            return _sign_up(form, {p: w.version for p, w in wordings.items()}, referral)
        except SocialError as error:
            show_error(form, error, "login")
    page = render_template(
        "accounts/sign_up.html",
        form=form,
        stated=stated,
        wordings=wordings,
        inviter=referral[1] if referral else None,
        next=_next(),
    )
    return page, 422 if form.errors else 200


def _sign_up(
    form: SignUpForm, versions: dict[str, int], referral: tuple[str, str] | None
) -> ResponseReturnValue:
    kind, login = _login_of(form.login.data)
    password = str(form.password.data)
    present = account_by_login(kind, login)
    if present is not None:
        return _sign_in_instead(kind, login, password)
    check_password(password, names=(form.login.data, form.display_name.data, login))
    encoded = hash_password(password)
    ticked = {p: version for p, version in versions.items() if form[f"consent_{p}"].data}
    with transaction():
        account = sign_up(
            str(form.display_name.data),
            kind,
            login,
            encoded,
            consents=ticked,
            language=language(),
            referral_code=referral[0] if referral else None,
        )
        begin_session(account)
    if kind == "phone":
        response = redirect(url_for("accounts.verify_phone", next=_next()))
    else:
        flash(_("账号开好了。我们给 %(address)s 发了一封确认邮件。", address=login))
        response = redirect(_next())
    response.delete_cookie(REFERRAL_COOKIE)
    return response


def _sign_in_instead(kind: str, login: str, password: str) -> ResponseReturnValue:
    """A form sent twice, or somebody who forgot having signed up: the right password simply signs in."""
    try:
        account = _check_password(kind, login, password)
    except Invalid:
        raise Invalid("account_exists", field="login") from None
    return _enter(account)


def _login_of(typed: str | None) -> tuple[str, str]:
    try:
        return login_key(typed or "")
    except Invalid as error:
        error.field = "login"
        raise


# Signing in


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page: email or phone and password."""
    if current_account() is not None:
        return redirect(_next())
    form = SignInForm()
    if form.validate_on_submit():
        try:
            return _enter(_check_password(*_login_of(form.login.data), str(form.password.data)))
        except SocialError as error:
            show_error(form, error, "password")
    page = render_template("accounts/sign_in.html", form=form, next=_next())
    return page, 422 if form.errors else 200


def _check_password(kind: str, login: str, password: str) -> Account:
    """The account the password fits; the hash is computed outside any writing transaction."""
    account = account_by_login(kind, login)
    if account is not None:
        _refuse_locked(account)
    known = account if account is not None and account.active else None
    if password_matches(known.password if known else None, password) and known is not None:
        return known
    if account is not None:
        with transaction():
            record_wrong_password(account.id, utcnow())
    raise Invalid("wrong_login", field="password")


def _refuse_locked(account: Account) -> None:
    now = utcnow()
    if account.locked_until is not None and account.locked_until > now:
        minutes = int((account.locked_until - now).total_seconds() // 60) + 1
        raise TooMany("locked", minutes=minutes)


def _enter(account: Account) -> ResponseReturnValue:
    """Begin the session, or ask for the second factor first."""
    target = _next()
    if account.totp_secret:
        session["second_factor"] = {"account": account.id, "at": time.time(), "next": target}
        return redirect(url_for("accounts.second_factor"))
    with transaction():
        account = db.session.get_one(Account, account.id, with_for_update=True)
        _refuse_locked(account)
        record_sign_in(account)
        begin_session(account)
    return redirect(target)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def second_factor() -> ResponseReturnValue:
    """The second step: a code from the authenticator app, or a recovery code."""
    waiting = session.get("second_factor")
    if not waiting or time.time() - waiting["at"] > SECOND_FACTOR_SECONDS:
        session.pop("second_factor", None)
        return redirect(url_for("accounts.sign_in"))
    form = SecondFactorForm()
    if form.validate_on_submit():
        account = db.session.get_one(Account, int(waiting["account"]))
        try:
            _refuse_locked(account)
            use_second_factor(account, str(form.code.data))
            return redirect(safe_next(waiting["next"]) or url_for("desks.home"))
        except SocialError as error:
            show_error(form, error, "code")
    page = render_template("accounts/second_factor.html", form=form)
    return page, 422 if form.errors else 200


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign this browser out."""
    with transaction():
        end_session()
    return redirect(url_for("desks.home"))


# A forgotten password


@bp.route("/forgot", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def forgot() -> ResponseReturnValue:
    """Ask for a reset; the answer is the same whether the account exists or not."""
    form = ForgotForm()
    if form.validate_on_submit():
        try:
            kind, login = _login_of(form.login.data)
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
        return redirect(url_for("accounts.reset_by_phone"))
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
        return redirect(url_for("accounts.forgot"))
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
    _spend_code(account, "reset", typed)
    with transaction():
        set_password(db.session.get_one(Account, account.id, with_for_update=True), encoded)


def _spend_code(account: Account, use: str, typed: str) -> None:
    """Use up the code; a wrong one counts as an attempt, so the transaction ends before the refusal."""
    with transaction():
        fits = phone_code_fits(account.id, use, typed)
    if not fits:
        raise Invalid("wrong_code", field="code")


# Proof of addresses


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
    return redirect(safe_next(request.form.get("next")) or url_for("profile.edit"))


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
            _spend_code(account, "verify", str(form.code.data))
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
    return redirect(url_for("accounts.verify_phone", next=_next()))


# Language and theme


@bp.post("/preferences")
def preferences() -> ResponseReturnValue:
    """Choose language and theme; kept with the account when signed in, in the browser otherwise."""
    chosen, theme = request.form.get("language"), request.form.get("theme")
    account = current_account()
    response = redirect(safe_next(request.form.get("next")) or url_for("desks.home"))
    with transaction():
        if chosen in LANGUAGES:
            session["lang"] = chosen
            if account is not None:
                choose_language(account, chosen)
        if theme in ("system", "light", "dark"):
            if account is not None:
                choose_theme(account, theme)
            response.set_cookie(
                "theme", "" if theme == "system" else theme, max_age=365 * 86400, samesite="Lax"
            )
    return response
