"""Whether a text asks for a person, how urgently, and whether a case opens by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass

PRIORITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True)
class OpinionFacts:
    """What the engine and the books say. `probability` is P(positive); `complaint` a probability; `urgency` 0–2."""

    polarity: str
    probability: float
    complaint: float
    urgency: int
    #: What the customer is worth so far, in cents; 0 when unknown or without consent to know.
    value_cents: int = 0


@dataclass(frozen=True)
class Thresholds:
    """The administrator's settings `service.alert.*`."""

    negative: float = 0.8
    complaint: float = 0.6
    case: float = 0.75
    #: For a customer worth at least `valued_cents` both complaint thresholds fall by `valued_bonus`.
    valued_cents: int = 100_000
    valued_bonus: float = 0.15


@dataclass(frozen=True)
class Verdict:
    """What to do. `reasons`: complaint · urgent · strongly_negative · valued_customer."""

    raises: bool
    opens_case: bool
    priority: str
    reasons: tuple[str, ...]


QUIET = Verdict(False, False, "low", ())


def judge(facts: OpinionFacts, thresholds: Thresholds) -> Verdict:
    """Raise for a likely complaint, for urgency in a negative text, and for a valued customer's anger.

    A text that is merely negative ("味道一般") is a figure in the trends, not an alert.
    """
    negative = 1 - facts.probability
    valued = facts.value_cents >= thresholds.valued_cents
    bonus = thresholds.valued_bonus if valued else 0.0
    angry = facts.polarity == "negative" and negative >= thresholds.negative
    complains = facts.complaint >= thresholds.complaint - bonus and facts.polarity != "positive"
    presses = facts.urgency == 2 and facts.polarity in ("negative", "unsure")
    if not (complains or presses or (angry and valued)):
        return QUIET
    found = {
        "complaint": complains,
        "urgent": facts.urgency == 2,
        "strongly_negative": angry,
        "valued_customer": valued,
    }
    return Verdict(
        raises=True,
        opens_case=complains and facts.complaint >= thresholds.case - bonus,
        priority=_priority(facts, complains, angry, valued),
        reasons=tuple(reason for reason, holds in found.items() if holds),
    )


def _priority(facts: OpinionFacts, complains: bool, angry: bool, valued: bool) -> str:
    weight = int(complains and angry) + int(valued) + (2 if facts.urgency == 2 else 0)
    return PRIORITIES[min(1 + weight, 3)] if complains or angry else PRIORITIES[min(weight, 3)]
