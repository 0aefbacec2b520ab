"""Join the model's score and the rules' where the model is unsure or the text is short; elsewhere the model stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from socialcrm.sentiment.reading import Reading

# The rules are asked below this |score| and up to this many characters: on reviews, and on posts and chat, where
# they know less. Elsewhere they cost more than they give.
_UNSURE_REVIEW, _UNSURE_OTHER = 1.5, 0.5
_SHORT_REVIEW, _SHORT_OTHER = 16, 10


def wants_rules(score: float, length: int, review_share: float) -> bool:
    """Whether the rules have a say on a text of `length` characters with this model score, so far taken as a review."""
    if length <= _SHORT_OTHER + (_SHORT_REVIEW - _SHORT_OTHER) * review_share:
        return True
    return abs(score) < _UNSURE_OTHER + (_UNSURE_REVIEW - _UNSURE_OTHER) * review_share


def traits(score: float, length: int, reading: Reading) -> list[float]:
    """What the blend weighs: the model's score, the rules', and how they came about."""
    judgements = [each for clause in reading.clauses for each in clause.judgements]
    turned = float(any(each.score * each.word.entry.polarity <= 0 for each in judgements))
    rule = math.tanh(reading.score / 2)
    short = math.exp(-length / 10)
    cues = reading.cues
    return [
        1.0,
        score,
        rule,
        rule * short,
        rule * turned,
        rule * turned * short,
        score * short,
        score * turned * short,
        float("irony" in cues),
        float("wish" in cues),
        rule * min(len(judgements), 4) / 4,
        rule * ("but" in cues),
    ]


def blend(values: Sequence[float], weights: Sequence[Sequence[float]], shares: Sequence[float]) -> float:
    """The joint log-odds: `weights` has a row for all texts and then one per channel, mixed by `shares`."""
    shared, *own = weights
    total = sum(map(mul, values, shared))
    for share, row in zip(shares, own, strict=True):
        if share:
            total += share * sum(map(mul, values, row))
    return total
