"""Who may do what in this room: all staff look and correct, managers teach, administrators change words."""

from __future__ import annotations

from ...accounts.models import Account
from ...api.caller import current_caller
from ...database import db
from ...errors import Forbidden, NotFound
from ...sentiment.learning.models import LayerVersion, Rescoring
from ...sentiment.learning.queries import correction_by_id, rescoring_by_id, version_by_id
from ...sentiment.models import Correction
from ..understanding.access import correction_for_withdrawal


def caller_as_staff() -> Account:
    """Whoever made the key of this API request; Forbidden when they work here no more."""
    account = db.session.get_one(Account, current_caller().made_by_id)
    if not account.staff:
        raise Forbidden
    return account


def version_for(account: Account, version_id: int) -> LayerVersion:
    """A version for staff; NotFound."""
    if not account.staff:
        raise Forbidden
    version = version_by_id(version_id)
    if version is None:
        raise NotFound
    return version


def teacher(account: Account) -> Account:
    """The account, for what only managers do here: learn, put a version in force, read old texts again. Forbidden."""
    if not account.manages:
        raise Forbidden
    return account


def rescoring_seen_by(account: Account, rescoring_id: int) -> Rescoring:
    """A re-scoring for staff; NotFound."""
    if not account.staff:
        raise Forbidden
    run = rescoring_by_id(rescoring_id)
    if run is None:
        raise NotFound
    return run


def rescoring_for(account: Account, rescoring_id: int) -> Rescoring:
    """A re-scoring for those who may stop it; NotFound."""
    return rescoring_seen_by(teacher(account), rescoring_id)


def correction_to_withdraw(account: Account, correction_id: int) -> Correction:
    """A correction that the account may take back, as on the page of its text. Forbidden, NotFound."""
    correction = correction_by_id(correction_id)
    if correction is None:
        raise NotFound
    correction_for_withdrawal(account, correction)
    return correction
