"""The gate every message passes on its way out. Pure.

First version: purpose, consent and address; caps, quiet hours and quotas come later on the same door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Purposes that rest on the contract with the customer, not on a consent.
WITHOUT_CONSENT = frozenset({"service"})
#: What each channel may carry as marketing.
MARKETING = {"mail": "marketing_email", "sms": "marketing_sms", "push": "marketing_push"}


@dataclass(frozen=True)
class Verdict:
    """`passes`, or the English code of the reason why not."""

    passes: bool
    reason: str = ""


def judge(channel: str, purpose: str, recipient: str, consents: Mapping[str, bool]) -> Verdict:
    """Whether a message may leave now, given the customer's consents in force."""
    if channel != "notice" and not recipient:
        return Verdict(False, "no_address")
    if purpose.startswith("marketing") and MARKETING.get(channel) != purpose:
        return Verdict(False, "purpose_not_for_channel")
    if purpose not in WITHOUT_CONSENT and not consents.get(purpose, False):
        return Verdict(False, "no_consent")
    return Verdict(True)
