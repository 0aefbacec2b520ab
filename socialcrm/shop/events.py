"""What the shop told us."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    order_id: int
    customer_id: int


@dataclass(frozen=True)
class OrderRefunded(Event):
    refund_id: int
    order_id: int
    customer_id: int
