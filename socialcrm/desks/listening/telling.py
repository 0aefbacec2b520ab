"""What managers hear of spikes: one notice each for a spike, in the transaction that found it told."""

from __future__ import annotations

from sqlalchemy import select

from ...accounts.models import MANAGER_ROLES, Account
from ...community.queries import names_of_groups
from ...database import db
from ...outbox.actions import send_notice
from ...sentiment.trends.models import Spike


def tell_of_spike(spike_id: int) -> None:
    """A notice for everybody who manages."""
    spike = db.session.get_one(Spike, spike_id)
    managers = select(Account.customer_id).where(Account.role.in_(MANAGER_ROLES), Account.active.is_(True))
    group = names_of_groups([spike.group_id]).get(spike.group_id, "") if spike.group_id else ""
    for customer_id in list(db.session.scalars(managers.order_by(Account.id))):
        send_notice(
            "spike_found",
            customer_id=customer_id,
            key=f"spike:{spike.id}:{customer_id}",
            url=f"/desk/listening/spikes/{spike.id}",
            aspect=spike.aspect,
            group=group,
            measure=spike.measure,
            negatives=spike.negatives,
            texts=spike.texts,
            usual=spike.usual,
            usual_share=spike.usual_share,
        )
