"""What a Chinese text says: one call, one answer.

`analyse(text, channel=…)` gives an `Opinion`. Pure: no Flask, no database, no network; the same text gives the
same answer. All offsets are into the original text, `[start, end)`, and lie inside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from socialcrm.sentiment.folding import Folded, fold
from socialcrm.sentiment.lexicon import Lexicon, default_lexicon
from socialcrm.sentiment.reading import Clause, Mention, Reading, read

Polarity = Literal["negative", "neutral", "positive", "unsure"]
Channel = Literal["post", "review", "chat"]
CHANNELS: tuple[Channel, ...] = ("post", "review", "chat")
EMOTIONS = ("愤怒", "失望", "焦虑", "悲伤", "平静", "满意", "惊喜")
MODEL_VERSION = "rules-1"

# Finer aspects are detected for measurement; what a person sees is the parent. None: never shown.
PARENTS: dict[str, str | None] = {
    "装修": "环境",
    "噪音": "环境",
    "空间": "环境",
    "卫生": "环境",
    "性价比": "价格",
    "交通": "位置",
    "商圈": "位置",
    "好找": "位置",
    "推荐": None,
    "整体": None,
}
_LONGEST = 20_000  # characters read by the rules; what lies beyond is a novel, not an opinion


@dataclass(frozen=True, slots=True)
class AspectOpinion:
    """What is said of one aspect: `probability` is P(positive), `spans` the places that show it."""

    polarity: Polarity
    probability: float
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """The answer for one text. `probability` is P(positive); `complaint` a probability; `urgency` 0–2.

    `words` holds (start, end, weight): weight > 0 spoke for positive, < 0 for negative.
    """

    polarity: Polarity
    probability: float
    aspects: dict[str, AspectOpinion]
    emotion: str
    urgency: int
    complaint: float
    words: list[tuple[int, int, float]]
    model_version: str

    def to_json(self) -> dict[str, Any]:
        """The JSON form of the command line and the API."""
        return {
            "polarity": self.polarity,
            "probability": round(self.probability, 4),
            "aspects": {
                name: {
                    "polarity": each.polarity,
                    "probability": round(each.probability, 4),
                    "spans": [list(span) for span in each.spans],
                }
                for name, each in self.aspects.items()
            },
            "emotion": self.emotion,
            "urgency": self.urgency,
            "complaint": round(self.complaint, 4),
            "words": [[start, end, round(weight, 3)] for start, end, weight in self.words],
            "model_version": self.model_version,
        }


def analyse(text: str, channel: Channel | None = None, lexicon: Lexicon | None = None) -> Opinion:
    """The opinion of `text`, on `channel` (guessed when None), with a brand's `lexicon` if it has one."""
    folded = fold(text[:_LONGEST])
    reading = read(folded.text, lexicon or default_lexicon())
    probability = _sigmoid(reading.score)
    aspects = _aspects(folded, reading)
    complaint = _complaint(reading, probability)
    return Opinion(
        polarity=_polarity(probability, bool(reading.score)),
        probability=probability,
        aspects=aspects,
        emotion=_emotion(reading, probability),
        urgency=_urgency(reading, probability),
        complaint=complaint,
        words=_words(folded, reading),
        model_version=MODEL_VERSION,
    )


def analyse_batch(texts: Iterable[str], channel: Channel | None = None) -> list[Opinion]:
    """`analyse` of every text, in order."""
    return [analyse(text, channel=channel) for text in texts]


def _sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _polarity(probability: float, is_found: bool) -> Polarity:
    if not is_found:
        return "neutral"
    if probability >= 0.6:
        return "positive"
    return "negative" if probability <= 0.4 else "unsure"


def _aspects(folded: Folded, reading: Reading) -> dict[str, AspectOpinion]:
    scores: dict[str, float] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    for clause in reading.clauses:
        for name, (score, places) in _clause_aspects(clause).items():
            scores[name] = scores.get(name, 0.0) + clause.weight * score
            spans.setdefault(name, []).extend(folded.span(*place) for place in places)
    return {
        name: AspectOpinion(_polarity(_sigmoid(score), True), _sigmoid(score), _merge(spans[name]))
        for name, score in scores.items()
    }


def _clause_aspects(clause: Clause) -> dict[str, tuple[float, list[tuple[int, int]]]]:
    """Score and folded spans of each shown aspect of a clause; mentions of one aspect in a row are one span."""
    found: dict[str, tuple[float, list[tuple[int, int]]]] = {}
    before = None
    for mention in clause.mentions:
        name = PARENTS.get(mention.aspect, mention.aspect)
        if name is None or not mention.judgements:
            continue
        score, places = found.get(name, (0.0, []))
        start, end = _mention_span(clause, mention)
        if before == name:
            start = min(start, places.pop()[0])
        found[name] = (score + sum(each.score for each in mention.judgements), [*places, (start, end)])
        before = name
    return found


def _mention_span(clause: Clause, mention: Mention) -> tuple[int, int]:
    inside = [each for each in mention.judgements if clause.start <= each.start < clause.end]
    start = min([mention.start, *(each.start for each in inside)])
    return start, max([mention.end, *(each.end for each in inside)])


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _emotion(reading: Reading, probability: float) -> str:
    weights: dict[str, float] = {}
    for clause in reading.clauses:
        for each in clause.judgements:
            meant = each.score * each.word.entry.polarity > 0
            if meant and each.emotion in EMOTIONS and (each.score > 0) == (probability >= 0.5):
                weights[each.emotion] = weights.get(each.emotion, 0.0) + abs(each.score)
    if weights:
        return max(weights, key=lambda name: weights[name])
    if probability == 0.5:
        return "平静"
    return "满意" if probability > 0.5 else "失望"


def _urgency(reading: Reading, probability: float) -> int:
    levels = [word.entry.urgency for word in reading.words]
    if probability > 0.6 or not any(levels):
        return 0
    return 2 if max(levels) == 2 or levels.count(1) >= 3 else 1


def _complaint(reading: Reading, probability: float) -> float:
    weight = sum(min(word.entry.complaint, 2) for word in reading.words)
    against = sum(
        any(each.score < 0 for each in mention.judgements)
        for clause in reading.clauses
        for mention in clause.mentions
    )
    return _sigmoid(-3.0 + 4.0 * (0.5 - probability) + 0.9 * min(weight, 6) + 0.5 * min(against, 4))


def _words(folded: Folded, reading: Reading) -> list[tuple[int, int, float]]:
    return [
        (*folded.span(each.start, each.end), clause.weight * each.score)
        for clause in reading.clauses
        for each in clause.judgements
        if each.score
    ]
