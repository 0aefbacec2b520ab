"""Who may change the brand's words and aspects: administrators; all staff read them."""

from __future__ import annotations

from ...accounts.models import Account
from ...errors import Forbidden


def word_keeper(account: Account) -> Account:
    """The account, if it may change words and see first what they would change. Forbidden."""
    if account.role != "admin":
        raise Forbidden
    return account
