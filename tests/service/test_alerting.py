"""Which texts raise an alert, how urgent it is, and when a case opens by itself."""

from __future__ import annotations

import pytest

from socialcrm.service.alerts.alerting import OpinionFacts, Thresholds, judge

RULES = Thresholds()


@pytest.mark.parametrize(
    ("facts", "raises", "opens", "priority", "reasons"),
    [
        # The story's sentence: a complaint beyond doubt.
        (OpinionFacts("negative", 0.02, 0.99, 1), True, True, "high", ("complaint", "strongly_negative")),
        # Merely negative, nothing asked.
        (OpinionFacts("negative", 0.27, 0.25, 0), False, False, "low", ()),
        (OpinionFacts("neutral", 0.5, 0.05, 1), False, False, "low", ()),
        (OpinionFacts("positive", 0.95, 0.01, 0), False, False, "low", ()),
        # A likely complaint, below the threshold at which a case opens by itself.
        (OpinionFacts("negative", 0.3, 0.65, 0), True, False, "normal", ("complaint",)),
        # "再不退款我就去 12315 投诉"
        (
            OpinionFacts("negative", 0.05, 0.99, 2),
            True,
            True,
            "urgent",
            ("complaint", "urgent", "strongly_negative"),
        ),
        # Urgent without being a complaint yet.
        (OpinionFacts("unsure", 0.45, 0.4, 2), True, False, "high", ("urgent",)),
        # Valued customers are heard earlier …
        (
            OpinionFacts("negative", 0.3, 0.5, 0, 200_000),
            True,
            False,
            "high",
            ("complaint", "valued_customer"),
        ),
        (
            OpinionFacts("negative", 0.1, 0.2, 0, 200_000),
            True,
            False,
            "high",
            ("strongly_negative", "valued_customer"),
        ),
        # … and the same texts of others are not alerts.
        (OpinionFacts("negative", 0.3, 0.5, 0), False, False, "low", ()),
        (OpinionFacts("negative", 0.1, 0.2, 0), False, False, "low", ()),
        # Praise with the word 投诉 in it.
        (OpinionFacts("positive", 0.9, 0.7, 0), False, False, "low", ()),
    ],
)
def test_judgement(
    facts: OpinionFacts, raises: bool, opens: bool, priority: str, reasons: tuple[str, ...]
) -> None:
    verdict = judge(facts, RULES)
    assert (verdict.raises, verdict.opens_case, verdict.priority, verdict.reasons) == (
        raises,
        opens,
        priority,
        reasons,
    )


def test_thresholds_are_the_administrators() -> None:
    facts = OpinionFacts("negative", 0.3, 0.65, 0)
    assert not judge(facts, Thresholds(complaint=0.9)).raises
    assert judge(facts, Thresholds(case=0.6)).opens_case
