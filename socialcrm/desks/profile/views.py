"""我的资料, and the card of a member."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.forms import show_error
from ...accounts.models import Account
from ...accounts.session import current_account, require_account
from ...customers.actions import change_profile
from ...customers.models import Customer
from ...database import db, transaction
from ...errors import SocialError
from ...pictures import MAX_BYTES, read_picture
from ...storage import keep
from .access import member_for
from .forms import ProfileForm
from .queries import card_of

bp = APIBlueprint("profile", __name__, enable_openapi=False)

AVATAR_SIDE = 512


@bp.route("/me/profile", methods=["GET", "POST"])
def edit() -> ResponseReturnValue:
    """Name, avatar, city, birthday, a few words; saved together."""
    account = require_account()
    form = ProfileForm(obj=account.customer)
    if form.validate_on_submit():
        try:
            _save(account, form)
            flash(_("资料保存好了。"))
            return redirect(url_for("profile.edit"))
        except SocialError as error:
            show_error(form, error, "display_name")
    page = render_template("accounts/profile.html", form=form, proven=_proven(account))
    return page, 422 if form.errors else 200


def _save(account: Account, form: ProfileForm) -> None:
    picture = _kept_avatar(form)
    with transaction():
        customer = db.session.get_one(Customer, account.customer_id)
        change_profile(
            customer,
            display_name=str(form.display_name.data),
            city=form.city.data,
            gender=form.gender.data,
            birthday=form.birthday.data,
            bio=form.bio.data or "",
        )
        if picture or form.no_avatar.data:
            customer.avatar = picture


def _kept_avatar(form: ProfileForm) -> str | None:
    """The uploaded picture, decoded and written anew before the transaction opens."""
    file = form.avatar.data
    if not getattr(file, "filename", ""):
        return None
    try:
        picture = read_picture(file.stream.read(MAX_BYTES + 1), longest_side=AVATAR_SIDE)
    except SocialError as error:
        error.field = "avatar"
        raise
    return keep(picture.content, picture.content_type)


def _proven(account: Account) -> set[str]:
    """Which of the account's addresses are proven: email, phone."""
    return {i.kind for i in account.customer.identities if i.verified_at is not None}


@bp.get("/people/<int:customer_id>")
def card(customer_id: int) -> str:
    """Who a member is: what they tell of themselves, since when, which groups you may see."""
    viewer = current_account()
    member = member_for(customer_id)
    return render_template("accounts/card.html", member=member, card=card_of(member, viewer), viewer=viewer)
