"""What may become an edge of the chain, and when it counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Attempt:
    """Somebody (referee) names somebody (referrer)."""

    referee: int
    referrer: int
    #: The referrer's own chain upwards: the one who brought the referrer first.
    above_referrer: Sequence[int]
    present_referrer: int | None
    #: Whether the referee has bought already: the brand knew this person before the friend's link.
    bought_before: bool = False


def refusal(attempt: Attempt) -> str | None:
    """The code of the reason why the edge cannot be, or None."""
    if attempt.referee == attempt.referrer:
        return "self_referral"
    if attempt.present_referrer is not None:
        return "has_referrer"
    if attempt.referee in attempt.above_referrer:
        return "loop"
    if attempt.bought_before:
        return "customer_already"
    return None


@dataclass(frozen=True)
class Signals:
    """What the fraud checks look at; counts within the window of the settings."""

    same_device: int = 0
    same_payment: int = 0
    same_address: int = 0
    by_referrer_last_hour: int = 0


def flags(signals: Signals, burst: int) -> list[str]:
    """Codes of what a person should look at; nothing here refuses by itself."""
    found = []
    if signals.same_device:
        found.append("same_device")
    if signals.same_payment:
        found.append("same_payment")
    if signals.same_address:
        found.append("same_address")
    if signals.by_referrer_last_hour >= burst:
        found.append("burst")
    return found


def within_window(recorded_at: datetime, ordered_at: datetime, days: int) -> bool:
    """Whether an order may still convert: not before the day of the referral, at most `days` after it."""
    return recorded_at - timedelta(days=1) <= ordered_at <= recorded_at + timedelta(days=days)


def reward_due(ordered_at: datetime, return_days: int) -> datetime:
    """When the return window of the converting order ends."""
    return ordered_at + timedelta(days=return_days)
