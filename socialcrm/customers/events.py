"""What happens to customers."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class CustomerCreated(Event):
    customer_id: int


@dataclass(frozen=True)
class CustomerChanged(Event):
    """Name, tags or facts changed: what shows or finds the customer looks again."""

    customer_id: int


@dataclass(frozen=True)
class ConsentChanged(Event):
    customer_id: int
    purpose: str
    granted: bool


@dataclass(frozen=True)
class IdentityVerified(Event):
    customer_id: int
    identity_id: int
