"""Periodic work of the referral chains."""

from __future__ import annotations

from ..database import transaction
from .actions import announce_due_rewards


def pay_due_rewards() -> int:
    """Announce every reward whose return window has passed, in short transactions; returns how many."""
    total = 0
    while True:
        with transaction():
            announced = announce_due_rewards()
        total += announced
        if announced == 0:
            return total
