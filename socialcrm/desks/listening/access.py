"""Who listens: staff read, managers and team leads say what a spike was, managers say what belongs to which product."""

from __future__ import annotations

from ...accounts.models import MANAGER_ROLES, STAFF_ROLES, Account
from ...accounts.session import require_role
from ...database import db
from ...errors import NotFound
from ...sentiment.trends.models import Spike
from ...sentiment.trends.queries import spike_by_id
from ...shop.models import Product

READERS = STAFF_ROLES
JUDGES = frozenset({*MANAGER_ROLES, "lead"})
KEEPERS = MANAGER_ROLES


def require_reader() -> Account:
    """Somebody of the staff."""
    return require_role(*READERS)


def require_judge() -> Account:
    """Who may close a spike: managers and team leads."""
    return require_role(*JUDGES)


def require_keeper() -> Account:
    """Who may say which words and groups belong to a product."""
    return require_role(*KEEPERS)


def spike_for(account: Account, spike_id: int) -> Spike:
    """The spike, for staff; NotFound when there is none."""
    spike = spike_by_id(spike_id) if account.staff else None
    if spike is None:
        raise NotFound
    return spike


def product_for(account: Account, product_id: int) -> Product:
    """The product, for staff; NotFound when there is none."""
    product = db.session.get(Product, product_id) if account.staff else None
    if product is None:
        raise NotFound
    return product


def may_judge(account: Account) -> bool:
    """Whether the buttons that close a spike are shown."""
    return account.role in JUDGES


def may_keep(account: Account) -> bool:
    """Whether the page of products is shown."""
    return account.role in KEEPERS
