"""Erase a customer. Inside transaction()."""

from __future__ import annotations

from sqlalchemy import select

from ...accounts.actions import end_sessions
from ...accounts.audit import audit
from ...accounts.models import Account
from ...community.events import PostEdited
from ...community.groups.actions import leave_group
from ...community.queries import groups_of
from ...community.topics.models import Post
from ...customers.actions import set_consent
from ...customers.events import CustomerChanged
from ...customers.models import PURPOSES
from ...database import db
from ...errors import Forbidden
from ...events import announce, bulk_work
from ...sentiment.trends.actions import uncount_customer
from ..customer_life import forget_rows
from ..events import CustomerErased


def erase_customer(account: Account) -> None:
    """Withdraw every consent, leave every group, forget what is personal, close the account.

    Raises Forbidden `staff_account` for staff (an admin ends the role first), Conflict `last_leader` when a group
    would be left without a leader.
    """
    if account.staff:
        raise Forbidden("staff_account")
    customer_id, account_id = account.customer_id, account.id
    for purpose in PURPOSES[1:]:
        set_consent(customer_id, purpose, False, source="erasure")
    for group in groups_of(customer_id):
        leave_group(group.id, customer_id)
    posts = list(db.session.scalars(select(Post.id).where(Post.author_id == customer_id)))
    end_sessions(account_id)
    uncount_customer(customer_id)
    forget_rows(customer_id)
    audit(None, "customer_erased", "customer", customer_id)
    announce(CustomerErased(customer_id))
    announce(CustomerChanged(customer_id))
    with bulk_work():
        for post_id in posts:
            announce(PostEdited(post_id))
