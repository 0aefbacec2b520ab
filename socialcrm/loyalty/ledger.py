"""The ledger's arithmetic. Pure.

Worked example, a purchase of 64 yuan and its refund:

    order:12      customer +64   issued −64
    reversal      customer −64   issued +64      (reverses order:12)

Every transaction sums to zero, so the sum over all accounts is zero for ever; the liability is the sum over
customers' accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_POINTS = 10**12


class LedgerError(ValueError):
    """A transaction that must never be posted."""


@dataclass(frozen=True)
class Side:
    """Points to add to (positive) or take from (negative) an account."""

    account_id: int
    points: int


def balanced(sides: Sequence[Side]) -> Sequence[Side]:
    """The sides, if they are a proper double entry: at least two, none zero, summing to zero; else LedgerError."""
    if len(sides) < 2:
        raise LedgerError("a transaction has at least two sides")
    if any(side.points == 0 or abs(side.points) > MAX_POINTS for side in sides):
        raise LedgerError("a side is zero or too large")
    if sum(side.points for side in sides) != 0:
        raise LedgerError("the sides do not sum to zero")
    if len({side.account_id for side in sides}) != len(sides):
        raise LedgerError("an account stands on two sides")
    return sides


def reversed_sides(sides: Sequence[Side]) -> list[Side]:
    """The sides of the reversing transaction."""
    return [Side(side.account_id, -side.points) for side in sides]


def points_for_order(total_cents: int, cents_per_point: int) -> int:
    """Whole points earned by an order; part points are not given."""
    if cents_per_point <= 0:
        raise LedgerError("cents per point must be positive")
    return max(total_cents, 0) // cents_per_point
