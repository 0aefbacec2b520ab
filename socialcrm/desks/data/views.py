"""我的同意 and 我的数据."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.forms import ConfirmPasswordForm, show_error
from ...accounts.models import Account
from ...accounts.passwords import password_matches
from ...accounts.session import require_account
from ...customers.actions import set_consent
from ...customers.consent_texts import wordings_in_force
from ...customers.queries import consents_of
from ...database import db, transaction, utcnow
from ...errors import Invalid, NotFound, SocialError
from ...web import language, limiter, whole_number
from ..customers.queries import accesses_of, consent_history
from .actions import erase_customer
from .export import export_archive

bp = APIBlueprint("data", __name__, url_prefix="/me", enable_openapi=False)

PAGE = 30


@bp.get("/consents")
def consents() -> str:
    """Each purpose with its words, what is in force, and the history."""
    account = require_account()
    wordings = wordings_in_force(language())
    stated = wordings.pop("service")
    return render_template(
        "accounts/consents.html",
        stated=stated,
        wordings=wordings,
        given=consents_of(account.customer_id),
        history=consent_history(account.customer_id),
    )


@bp.post("/consents/<purpose>")
def decide(purpose: str) -> ResponseReturnValue:
    """Give or withdraw one purpose; what is shown is the version that is stored."""
    account = require_account()
    wordings = wordings_in_force(language())
    if purpose == "service" or purpose not in wordings:
        raise NotFound
    granted = request.form.get("granted") == "1"
    with transaction():
        set_consent(
            account.customer_id,
            purpose,
            granted,
            source="profile",
            text_version=wordings[purpose].version,
        )
    flash(_("记下了：同意「%(what)s」。", what=wordings[purpose].title) if granted else _withdrawn(purpose))
    return redirect(url_for("data.consents"))


def _withdrawn(purpose: str) -> str:
    if purpose == "profiling":
        return _("已撤回。算出的心情、标签和价值都删掉了。")
    return _("已撤回，从现在起不再用于这个用途。")


@bp.get("/data")
def overview() -> str:
    """What one can do with one's data, and who looked at the profile."""
    account = require_account()
    before_id = request.args.get("before", type=whole_number)
    looks = accesses_of(account.customer_id, before_id, PAGE)
    more = looks[-1][0].id if len(looks) == PAGE else None
    return render_template("accounts/data.html", looks=looks, more=more)


@bp.get("/data/export")
@limiter.limit("10 per hour")
def export() -> Response:
    """Everything kept about this person, as a ZIP of JSON files and pictures."""
    account = require_account()
    name = f"socialcrm-{account.customer_id}-{utcnow():%Y%m%d}.zip"
    response = Response(export_archive(account.customer_id), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/data/erase", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def erase() -> ResponseReturnValue:
    """Erase the account after the password; it cannot be undone and the page says what stays."""
    account = require_account()
    form = ConfirmPasswordForm()
    if form.validate_on_submit():
        try:
            _erase(account, str(form.current.data))
            session.clear()
            return render_template("accounts/erased.html")
        except SocialError as error:
            show_error(form, error, "current")
    page = render_template("accounts/erase.html", form=form)
    return page, 422 if form.errors else 200


def _erase(account: Account, password: str) -> None:
    if not password_matches(account.password, password):
        raise Invalid("wrong_password", field="current")
    with transaction():
        erase_customer(db.session.get_one(Account, account.id))
