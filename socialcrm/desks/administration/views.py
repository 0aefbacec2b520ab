"""Settings: people, brand, security, consent texts, audit log, failed reactions. Administrators only."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.audit import audit
from ...accounts.forms import show_error
from ...accounts.models import ROLES, Account
from ...accounts.session import require_role
from ...accounts.staffing import (
    change_role,
    open_invitations,
    set_active,
    withdraw_invitation,
)
from ...customers.consent_texts import publish_wording, wordings_in_force
from ...customers.models import PURPOSES
from ...database import db, transaction
from ...errors import NotFound, SocialError
from ...events import failed_runs, queue_figures, retry
from ...settings import setting
from ...web import whole_number
from .actions import change_settings
from .brand import brand_values, save_brand
from .forms import BrandForm, ConsentTextForm, InviteForm, PersonForm, SecurityForm
from .inviting import invited
from .queries import PAGE, audit_page, deeds, people_page

bp = APIBlueprint("administration", __name__, url_prefix="/admin", enable_openapi=False)


@bp.get("")
def overview() -> str:
    """Every settings page, and what asks for the administrator's attention."""
    require_role("admin")
    return render_template("accounts/admin/overview.html", queue=queue_figures())


# People


@bp.get("/people")
def people() -> str:
    """Accounts with search, role filter and keyset paging; invitations that wait."""
    require_role("admin")
    return _people(InviteForm())


def _people(form: InviteForm) -> str:
    q, role = request.args.get("q", ""), request.args.get("role", "staff")
    rows = people_page(q, role, request.args.get("before", type=whole_number))
    more = {"q": q, "role": role, "before": rows[-1].account.id} if len(rows) == PAGE else None
    return render_template(
        "accounts/admin/people.html",
        rows=rows,
        q=q,
        role=role,
        roles=ROLES,
        more=more,
        invitations=open_invitations(),
        form=form,
    )


@bp.route("/people/<int:account_id>", methods=["GET", "POST"])
def person(account_id: int) -> ResponseReturnValue:
    """One account: role, and whether it may sign in."""
    acting = require_role("admin")
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound
    form = PersonForm(obj=account)
    if form.validate_on_submit():
        try:
            with transaction():
                account = db.session.get_one(Account, account_id, with_for_update=True)
                change_role(account, form.role.data, acting)
                set_active(account, bool(form.active.data), acting)
            flash(_("保存好了。"))
            return redirect(url_for("administration.people"))
        except SocialError as error:
            show_error(form, error, "role")
    page = render_template("accounts/admin/person.html", form=form, person=account)
    return page, 422 if form.errors else 200


@bp.post("/people/invite")
def invite() -> ResponseReturnValue:
    """Mail a colleague an invitation."""
    acting = require_role("admin")
    form = InviteForm()
    if invited(form, acting):
        return redirect(url_for("administration.people"))
    return _people(form), 422


@bp.post("/invitations/<int:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """The mailed link stops working."""
    acting = require_role("admin")
    with transaction():
        withdraw_invitation(invitation_id, acting)
    flash(_("邀请收回了。"))
    return redirect(url_for("administration.people"))


# Brand and security


@bp.route("/brand", methods=["GET", "POST"])
def brand() -> ResponseReturnValue:
    """Name, slogan, colour (checked for contrast), logo."""
    acting = require_role("admin")
    form = BrandForm(data=brand_values())
    if form.validate_on_submit():
        try:
            save_brand(form, acting)
            return redirect(url_for("administration.brand"))
        except SocialError as error:
            show_error(form, error, "name")
    page = render_template("accounts/admin/brand.html", form=form)
    return page, 422 if form.errors else 200


@bp.route("/security", methods=["GET", "POST"])
def security() -> ResponseReturnValue:
    """What signing in asks of staff."""
    acting = require_role("admin")
    form = SecurityForm(data={"staff_second_factor": setting("security.staff_second_factor")})
    if form.validate_on_submit():
        with transaction():
            change_settings(acting, {"security.staff_second_factor": bool(form.staff_second_factor.data)})
        flash(_("保存好了。"))
        return redirect(url_for("administration.security"))
    return render_template("accounts/admin/security.html", form=form)


# Consent texts


@bp.get("/consent-texts")
def consent_texts() -> str:
    """The words in force per purpose."""
    require_role("admin")
    return render_template(
        "accounts/admin/consent_texts.html", zh=wordings_in_force("zh"), en=wordings_in_force("en")
    )


@bp.route("/consent-texts/<purpose>", methods=["GET", "POST"])
def consent_text(purpose: str) -> ResponseReturnValue:
    """Publish a new version; consents already given keep the version they were given on."""
    acting = require_role("admin")
    if purpose not in PURPOSES:
        raise NotFound
    zh, en = wordings_in_force("zh")[purpose], wordings_in_force("en")[purpose]
    form = ConsentTextForm(data={"zh": zh.text, "en": en.text})
    if form.validate_on_submit():
        with transaction():
            version = publish_wording(purpose, {"zh": str(form.zh.data), "en": str(form.en.data)})
            audit(acting, "consent_text_published", "consent_text", None, purpose=purpose, version=version)
        flash(_("第 %(n)s 版发布了，从现在起的同意都用它。", n=version))
        return redirect(url_for("administration.consent_texts"))
    page = render_template("accounts/admin/consent_text.html", form=form, wording=zh)
    return page, 422 if form.errors else 200


# The audit log and what failed


@bp.get("/audit")
def audit_log() -> str:
    """Who of the staff did what, newest first."""
    require_role("admin")
    deed = request.args.get("deed", "")
    rows = audit_page(deed, request.args.get("before", type=whole_number))
    more = {"deed": deed, "before": rows[-1][0].id} if len(rows) == PAGE else None
    return render_template("accounts/admin/audit.html", rows=rows, deed=deed, deeds=deeds(), more=more)


@bp.get("/reactions")
def reactions() -> str:
    """Reactions that failed for good, with their error; each can be tried again."""
    require_role("admin")
    rows = failed_runs(PAGE, request.args.get("before", type=whole_number))
    more = rows[-1][0].id if len(rows) == PAGE else None
    return render_template("accounts/admin/reactions.html", rows=rows, more=more, queue=queue_figures())


@bp.post("/reactions/<int:run_id>/retry")
def retry_reaction(run_id: int) -> ResponseReturnValue:
    """Put one failed reaction back in the queue."""
    acting = require_role("admin")
    with transaction():
        retry(run_id)
        audit(acting, "reaction_retried", "reaction", run_id)
    flash(_("已经放回队列，马上会再试。"))
    return redirect(url_for("administration.reactions"))
