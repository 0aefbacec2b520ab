"""The second step of signing in, at the edge: slow hash comparison first, then one transaction."""

from __future__ import annotations

import time

from ..database import db, transaction, utcnow
from ..errors import Invalid
from .actions import record_sign_in, record_wrong_password
from .models import Account
from .passwords import password_matches
from .second_factor import accepted_step, normal_recovery_code
from .session import begin_session


def use_second_factor(account: Account, typed: str) -> None:
    """Sign in with an app code or a recovery code; each works once. Raises Invalid `wrong_code`."""
    recovery = _matching_recovery_code(account, typed)
    with transaction():
        account = db.session.get_one(Account, account.id, with_for_update=True)
        fits = _spend_recovery_code(account, recovery) if recovery else _spend_app_code(account, typed)
        if fits:
            record_sign_in(account)
            begin_session(account)
        else:
            record_wrong_password(account.id, utcnow())
    if not fits:
        raise Invalid("wrong_code", field="code")


def _matching_recovery_code(account: Account, typed: str) -> str | None:
    """The stored hash the typed recovery code fits."""
    code = normal_recovery_code(typed)
    if len(code) != 11:
        return None
    return next((encoded for encoded in account.recovery_codes if password_matches(encoded, code)), None)


def _spend_recovery_code(account: Account, encoded: str) -> bool:
    if encoded not in account.recovery_codes:
        return False
    account.recovery_codes = [other for other in account.recovery_codes if other != encoded]
    return True


def _spend_app_code(account: Account, typed: str) -> bool:
    if not account.totp_secret:
        return False
    step = accepted_step(account.totp_secret, typed, time.time(), account.totp_last_step)
    if step is None:
        return False
    account.totp_last_step = step
    return True
