"""What happens across areas."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class CustomerErased(Event):
    """A customer's personal data is gone; sums and the order of things stay."""

    customer_id: int
