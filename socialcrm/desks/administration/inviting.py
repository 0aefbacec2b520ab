"""Inviting a colleague: the same form on the people page and in the first-run wizard."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from ...accounts.forms import show_error
from ...accounts.models import Account
from ...accounts.staffing import invite_staff
from ...database import transaction
from ...errors import SocialError
from .forms import InviteForm


def invited(form: InviteForm, acting: Account) -> bool:
    """Whether the form was sent, is right, and the invitation is on its way; otherwise it says what is wrong."""
    if not form.validate_on_submit():
        return False
    try:
        with transaction():
            invite_staff(str(form.email.data), str(form.name.data), form.role.data, acting)
    except SocialError as error:
        show_error(form, error, "email")
        return False
    flash(_("邀请发到了 %(address)s。", address=form.email.data))
    return True
