"""The gate: a table of who may be sent what."""

from __future__ import annotations

import pytest

from socialcrm.outbox.gate import judge


@pytest.mark.parametrize(
    ("channel", "purpose", "recipient", "consents", "reason"),
    [
        ("mail", "service", "a@example.com", {}, ""),
        ("mail", "service", "", {}, "no_address"),
        ("notice", "service", "", {}, ""),
        ("notice", "community", "", {}, "no_consent"),
        ("mail", "marketing_email", "a@example.com", {}, "no_consent"),
        ("mail", "marketing_email", "a@example.com", {"marketing_email": False}, "no_consent"),
        ("mail", "marketing_email", "a@example.com", {"marketing_email": True}, ""),
        ("sms", "marketing_email", "+8613800000000", {"marketing_email": True}, "purpose_not_for_channel"),
        ("mail", "research", "a@example.com", {"marketing_email": True}, "no_consent"),
    ],
)
def test_verdicts(channel: str, purpose: str, recipient: str, consents: dict[str, bool], reason: str) -> None:
    verdict = judge(channel, purpose, recipient, consents)
    assert (verdict.passes, verdict.reason) == (reason == "", reason)
