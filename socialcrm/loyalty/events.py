"""What happens in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class PointsPosted(Event):
    """Points came to or left a customer's account."""

    transaction_id: int
    customer_id: int
    points: int
