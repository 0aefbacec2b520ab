"""Who listens: staff read, managers and team leads say what a spike was, managers say what belongs to which product."""

from __future__ import annotations

from ...accounts.models import LEADING_ROLES, MANAGER_ROLES, STAFF_ROLES, Account
from ...accounts.session import require_role
from ...database import db
from ...errors import NotFound
from ...sentiment.trends.models import Spike
from ...sentiment.trends.queries import spike_by_id
from ...shop.models import Product


def require_reader() -> Account:
    """Somebody of the staff."""
    return require_role(*STAFF_ROLES)


def require_judge() -> Account:
    """Who may close a spike: managers and team leads."""
    return require_role(*LEADING_ROLES)


def require_keeper() -> Account:
    """Who may say which words and groups belong to a product."""
    return require_role(*MANAGER_ROLES)


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
