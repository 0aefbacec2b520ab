"""Who may see which part of the chain: a customer the own direct edges, managers and agents everything."""

from __future__ import annotations

from ..accounts.models import Account
from ..database import db
from ..errors import Forbidden, NotFound
from .models import Referral


def referral_for(account: Account, referral_id: int) -> Referral:
    """The edge, for those who work for the brand."""
    if not account.manages:
        raise Forbidden
    referral = db.session.get(Referral, referral_id)
    if referral is None:
        raise NotFound
    return referral
