"""What happens to referrals."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class ReferralRecorded(Event):
    referral_id: int


@dataclass(frozen=True)
class ReferralRefused(Event):
    refused_id: int


@dataclass(frozen=True)
class ReferralConverted(Event):
    """A qualifying order came; the reward is due after the return window."""

    referral_id: int
    order_id: int


@dataclass(frozen=True)
class RewardDue(Event):
    """The return window of the converting order has passed."""

    referral_id: int


@dataclass(frozen=True)
class ReferralReversed(Event):
    """The converting order was refunded."""

    referral_id: int
    refund_id: int
