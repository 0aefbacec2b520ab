"""The first-run wizard: administrator, brand, first group, colleagues. It can be run again."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from ...accounts.actions import open_account
from ...accounts.forms import show_error
from ...accounts.models import Account
from ...accounts.passwords import check_password, hash_password
from ...accounts.session import begin_session, require_role
from ...accounts.staffing import open_invitations
from ...community.groups.actions import create_group
from ...community.groups.models import Group
from ...customers.actions import create_customer
from ...database import db, transaction
from ...errors import Forbidden, Invalid, SocialError
from ...settings import setting
from ...web import limiter
from ..administration.actions import change_settings
from ..administration.brand import brand_values, save_brand
from ..administration.forms import BrandForm, FirstAdminForm, FirstGroupForm, InviteForm
from ..administration.inviting import invited

bp = APIBlueprint("setup", __name__, url_prefix="/setup", enable_openapi=False)

STEPS = ("admin", "brand", "group", "invites")
SHORTEST_ADMIN_PASSWORD = 10


def nobody_is_admin() -> bool:
    """Whether this installation has no administrator yet: only then may a guest run the wizard."""
    return db.session.scalar(select(Account.id).where(Account.role == "admin").limit(1)) is None


@bp.app_template_global("needs_setup")
def needs_setup() -> bool:
    """Whether the front page should lead to the wizard: a new installation without an administrator."""
    return not setting("brand.set_up") and not setting("demo") and nobody_is_admin()


@bp.get("")
def begin() -> ResponseReturnValue:
    """Go to the first step that is open."""
    return redirect(url_for("setup.admin" if nobody_is_admin() else "setup.brand"))


@bp.route("/admin", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def admin() -> ResponseReturnValue:
    """The first administrator; later this step is closed."""
    if not nobody_is_admin():
        require_role("admin")
        return redirect(url_for("setup.brand"))
    form = FirstAdminForm()
    if form.validate_on_submit():
        try:
            _open_first_admin(form)
            return redirect(url_for("setup.brand"))
        except SocialError as error:
            show_error(form, error, "email")
    page = render_template("accounts/admin/setup_admin.html", form=form, steps=STEPS, step="admin")
    return page, 422 if form.errors else 200


def _open_first_admin(form: FirstAdminForm) -> None:
    password = str(form.password.data)
    if len(password) < SHORTEST_ADMIN_PASSWORD:
        raise Invalid("password_short", field="password", shortest=SHORTEST_ADMIN_PASSWORD)
    check_password(password, names=(form.email.data,))
    encoded = hash_password(password)
    with transaction():
        if not nobody_is_admin():
            raise Forbidden
        customer = create_customer(str(form.name.data), source="staff")
        account = open_account(customer, password_hash=encoded, email=str(form.email.data), role="admin")
        begin_session(account)


@bp.route("/brand", methods=["GET", "POST"])
def brand() -> ResponseReturnValue:
    """Name, colour and logo."""
    acting = require_role("admin")
    form = BrandForm(data=brand_values())
    if form.validate_on_submit():
        try:
            save_brand(form, acting)
            return redirect(url_for("setup.group"))
        except SocialError as error:
            show_error(form, error, "name")
    page = render_template("accounts/admin/setup_brand.html", form=form, steps=STEPS, step="brand")
    return page, 422 if form.errors else 200


@bp.route("/group", methods=["GET", "POST"])
def group() -> ResponseReturnValue:
    """The first group; skipped where there are some."""
    acting = require_role("admin")
    form = FirstGroupForm()
    if form.validate_on_submit():
        try:
            with transaction():
                create_group(
                    str(form.name.data),
                    kind=form.kind.data,
                    description=form.description.data or "",
                    rules=form.rules.data or "",
                    leader_id=acting.customer_id,
                )
            return redirect(url_for("setup.invites"))
        except SocialError as error:
            show_error(form, error, "name")
    groups = list(db.session.scalars(select(Group.name).order_by(Group.id).limit(20)))
    page = render_template(
        "accounts/admin/setup_group.html", form=form, groups=groups, steps=STEPS, step="group"
    )
    return page, 422 if form.errors else 200


@bp.route("/invites", methods=["GET", "POST"])
def invites() -> ResponseReturnValue:
    """Invite colleagues one by one."""
    acting = require_role("admin")
    form = InviteForm()
    if invited(form, acting):
        return redirect(url_for("setup.invites"))
    page = render_template(
        "accounts/admin/setup_invites.html",
        form=form,
        invitations=open_invitations(),
        steps=STEPS,
        step="invites",
    )
    return page, 422 if form.errors else 200


@bp.post("/done")
def done() -> ResponseReturnValue:
    """The wizard has been gone through."""
    acting = require_role("admin")
    with transaction():
        change_settings(acting, {"brand.set_up": True})
    flash(_("%(brand)s 可以开门了。", brand=setting("brand.name")))
    return redirect(url_for("desks.home"))
