"""Periodic work on the value read models."""

from __future__ import annotations

from ..database import transaction
from .actions import reconcile


def reconcile_nightly() -> int:
    """Re-derive the level values and repair what differs; returns how many cells differed (0 is expected)."""
    with transaction():
        return reconcile().differing
