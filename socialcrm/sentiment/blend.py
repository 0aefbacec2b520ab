"""Join the model's score and the rules' where the model is unsure or the text is short; elsewhere the model stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from socialcrm.sentiment.reading import Reading

# The rules are asked below this |score| and up to this many characters: on reviews, and on posts and chat, where
# they know less. Elsewhere they cost more than they give.
_UNSURE_REVIEW, _UNSURE_OTHER = 1.5, 0.5
_SHORT_REVIEW, _SHORT_OTHER = 30, 10
_FIRM = 3  # characters of a phrase that means what it says, unlike many a single word
_SHAPES = frozenset({"irony", "smirk", "wish", "but", "although", "lack"})


def wants_rules(score: float, length: int, review_share: float) -> bool:
    """Whether the rules have a say on a text of `length` characters with this model score, so far taken as a review."""
    if length <= _SHORT_OTHER + (_SHORT_REVIEW - _SHORT_OTHER) * review_share:
        return True
    return abs(score) < _UNSURE_OTHER + (_UNSURE_REVIEW - _UNSURE_OTHER) * review_share


def traits(score: float, length: int, reading: Reading) -> list[float]:
    """What the blend weighs: the model's score, the rules', and how they came about."""
    short = math.exp(-length / 12)
    cues = reading.cues
    total = turned = firm = best = worst = 0.0
    count = 0
    for clause in reading.clauses:
        for each in clause.judgements:
            count += 1
            value = clause.weight * each.score
            total += value
            if value > best:
                best = value
            elif value < worst:
                worst = value
            if each.score * each.word.entry.polarity <= 0:
                turned = 1.0
            if turned or each.end - each.start >= _FIRM:
                firm += value
    rule = math.tanh(total / 2)
    firm = math.tanh(firm / 2)
    shaped = max(turned, float(bool(_SHAPES & cues)))
    bent = float("but" in cues or "although" in cues)
    return [
        1.0,
        score,
        rule,
        rule * short,
        rule * shaped,
        rule * shaped * short,
        firm,
        firm * short,
        score * short,
        score * shaped,
        score * shaped * short,
        score * abs(firm) * short,
        float("irony" in cues or "smirk" in cues),
        float("wish" in cues),
        rule * min(count, 4) / 4,
        rule * bent,
        math.tanh(best / 2) * math.tanh(worst / 2) * (1 - bent),
    ]


def blend(values: Sequence[float], weights: Sequence[Sequence[float]], shares: Sequence[float]) -> float:
    """The joint log-odds: `weights` has a row for all texts and then one per channel, mixed by `shares`."""
    shared, *own = weights
    total = sum(map(mul, values, shared))
    for share, row in zip(shares, own, strict=True):
        if share:
            total += share * sum(map(mul, values, row))
    return total
