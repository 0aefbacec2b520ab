"""Signing up, in and out, forgotten passwords, proof of addresses, language and theme, invitations of staff."""

from __future__ import annotations

import time

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..customers.consent_texts import wordings_in_force
from ..database import db, transaction, utcnow
from ..errors import Invalid, SocialError, TooMany
from ..web import LANGUAGES, language, limiter
from .actions import (
    choose_language,
    choose_theme,
    record_sign_in,
    record_wrong_password,
    sign_up,
)
from .forms import (
    NewPasswordForm,
    SecondFactorForm,
    SignInForm,
    SignUpForm,
    login_of,
    show_error,
    sign_up_form,
)
from .logins import safe_next
from .models import Account
from .passwords import check_password, hash_password, password_matches
from .queries import account_by_login
from .session import begin_session, current_account, end_session
from .staffing import accept_invitation, open_invitation
from .tokens import (
    INVITATION_SECONDS,
    REFERRAL_COOKIE,
    remembered_referral,
    unsign,
)
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
    kind, login = login_of(form.login.data)
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
        response = redirect(url_for("addresses.verify_phone", next=_next()))
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
            return _enter(_check_password(*login_of(form.login.data), str(form.password.data)))
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


# An invitation to work here


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def invitation(token: str) -> ResponseReturnValue:
    """A colleague sets a password and is in; the link works once, for a week."""
    invited = open_invitation(unsign("invitation", token, INVITATION_SECONDS))
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            _accept(invited.id, invited.email, str(form.password.data))
            return redirect(url_for("desks.home"))
        except SocialError as error:
            show_error(form, error, "password")
    page = render_template("accounts/invitation.html", form=form, invited=invited)
    return page, 422 if form.errors else 200


def _accept(invitation_id: int, email: str, password: str) -> None:
    check_password(password, names=(email,))
    encoded = hash_password(password)
    with transaction():
        begin_session(accept_invitation(invitation_id, encoded))
