"""The links mails carry; they begin with the configured BASE_URL, for mails are written outside a request."""

from __future__ import annotations

from flask import current_app

from ..config import Config
from .models import Account, StaffInvitation
from .tokens import sign


def _absolute(path: str) -> str:
    config: Config = current_app.extensions["config"]
    return f"{config.base_url}{path}"


def email_link(account: Account) -> str:
    """Where the account's address is confirmed."""
    return _absolute(f"/verify/email/{sign('email', [account.id, account.email])}")


def reset_link(account: Account) -> str:
    """Where a new password is set, once, for an hour."""
    return _absolute(f"/reset/{sign('reset', [account.id, account.reset_nonce])}")


def invitation_link(invitation: StaffInvitation) -> str:
    """Where a colleague accepts the invitation."""
    return _absolute(f"/invitation/{sign('invitation', invitation.id)}")
