"""Whether a customer leaves a service dialogue dissatisfied, from all their turns at once."""

from __future__ import annotations

import math
from itertools import accumulate

from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.model import Model
from socialcrm.sentiment.reading import Clause, Reading, read

HEAD = "dissatisfied"
_LAST_CLAUSES = 3
_LONGEST = 4_000  # characters of a dialogue that are read


def traits(text: str, model: Model) -> list[float]:
    """What the joint weighs beside the head: mood, complaints, questions, the worst and the last clauses, length."""
    folded = fold(text[:_LONGEST])
    evidence = model.weigh(folded.buffer, "post")
    heads = model.mood_scores(evidence)
    reading = read(folded.text, default_lexicon(), with_mentions=False)
    sums = list(accumulate(model.place_weights(evidence)[1:-1].tolist(), initial=0.0))
    heard = [_heard(clause, sums) for clause in reading.clauses] or [0.0]
    last = heard[-_LAST_CLAUSES:]
    return [
        heads[HEAD],
        evidence.score,
        min(heard) / 2,
        sum(last) / len(last) / 2,
        math.log1p(len(folded)),
        math.log1p(folded.text.count("?")),
        math.log1p(folded.text.count("!")),
        math.log1p(text.count("@")),
        *(heads.get(name, 0.0) / 2 for name in ("愤怒", "失望", "焦虑", "满意", "neutral")),
        *_by_rule(reading),
    ]


def _by_rule(reading: Reading) -> list[float]:
    judgements = [each for clause in reading.clauses for each in clause.judgements]
    return [
        math.tanh(reading.score / 4),
        math.log1p(sum(each.score < 0 for each in judgements)),
        math.log1p(sum(each.score > 0 for each in judgements)),
        math.log1p(sum(each.emotion == "愤怒" and each.score < 0 for each in judgements)),
        min((each.score for each in judgements), default=0.0) / 2,
        math.log1p(sum(word.entry.complaint for word in reading.words)),
        math.log1p(sum(word.entry.urgency for word in reading.words)),
        math.log1p(len(reading.clauses)),
    ]


def _heard(clause: Clause, sums: list[float]) -> float:
    """What the model would say of the clause alone, from the running sums of its characters' weights."""
    length = max(clause.end - clause.start, 1)
    return (sums[clause.end] - sums[clause.start]) * math.sqrt((len(sums) - 1) / length)


def dissatisfaction(text: str, model: Model) -> float:
    """Log-odds that the customer whose turns these are leaves dissatisfied."""
    values = traits(text, model)
    joint = model.card.get("service_joint")
    if joint is None:
        return values[0]
    weights: list[float] = joint["weights"]
    return float(joint["intercept"]) + sum(
        value * weight for value, weight in zip(values, weights, strict=True)
    )
