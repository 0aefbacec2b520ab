"""Emotion, urgency and complaint likelihood of a text, from the rules' words, the model's heads and the polarity."""

from __future__ import annotations

import math
from collections.abc import Mapping

from socialcrm.sentiment.reading import Reading

EMOTIONS = ("愤怒", "失望", "焦虑", "悲伤", "平静", "满意", "惊喜")
_CALM_NAME = "平静"
_GOOD = ("满意", "惊喜")
_BAD = ("愤怒", "失望", "焦虑", "悲伤")
#: What a shop can put right when it is judged badly; of anything else a bad word is rather an opinion than a complaint.
_CAN_BE_PUT_RIGHT = frozenset({"配送", "包装", "质量", "客服", "退换", "真伪", "活动", "卫生", "新鲜度"})
_TO_PUT_RIGHT, _TASTE = 0.9, 0.4
_PLEASED, _WHEN_PLEASED = 0.6, 0.4
_FACT = 0.5  # 失望 stands beside most facts that went wrong; a word for another feeling says more
_CALM = 0.2  # |2p − 1| up to which nothing said means that nothing is felt


def sigmoid(score: float) -> float:
    """Logistic function, safe for any score: what lies beyond ±30 counts as ±30."""
    if -30.0 < score < 30.0:
        return 1 / (1 + math.exp(-score))
    return 1 / (1 + math.exp(-30.0 if score > 0 else 30.0))


def logit(probability: float) -> float:
    """The log-odds of a probability, held to ±30 as `sigmoid` holds them."""
    held = min(max(probability, 1e-13), 1 - 1e-13)
    return math.log(held / (1 - held))


def emotion_of(reading: Reading, probability: float, heads: Mapping[str, float], post_share: float) -> str:
    """The emotion of one side (good or bad, as the polarity says) with the most words and head evidence for it."""
    is_good = probability >= 0.5
    weights = dict.fromkeys(_GOOD if is_good else _BAD, 0.0)
    for clause in reading.clauses:
        for each in clause.judgements:
            if each.emotion in weights and each.score * each.word.entry.polarity > 0:
                weights[each.emotion] += abs(each.score) * (_FACT if each.emotion == "失望" else 1.0)
    is_worded = any(weights.values())
    if not is_worded and abs(2 * probability - 1) < _CALM:
        return _CALM_NAME
    for name in weights:
        weights[name] += 2.0 * post_share * sigmoid(heads.get(name, -9.0))
    weights["满意" if is_good else "失望"] += 0.3
    return max(weights, key=weights.__getitem__)


def urgency_of(reading: Reading, probability: float) -> int:
    """2: somebody may come to harm, the law is called, or waiting words pile up; 1: waits or asks for haste; 0: neither."""
    levels = [word.entry.urgency for word in reading.words if word.entry.urgency]
    if probability > 0.6 or not levels:
        return 0
    return 2 if 2 in levels or len(levels) >= 3 else 1


def complaint_of(reading: Reading, probability: float) -> float:
    """Probability that the writer wants something put right."""
    return sigmoid(sum(complaint_parts(reading, probability).values()))


def complaint_parts(reading: Reading, probability: float) -> dict[str, float]:
    """What the complaint's log-odds are the sum of: usual (of any text), mood, words, aspects (judged badly)."""
    weight = sum([word.entry.complaint for word in reading.words])
    against = set()
    for clause in reading.clauses:
        for mention in clause.mentions:
            for each in mention.judgements:
                if each.score < 0:
                    against.add(mention.aspect)
    to_right = sum([_TO_PUT_RIGHT if name in _CAN_BE_PUT_RIGHT else _TASTE for name in sorted(against)])
    return {
        "usual": -3.0,
        "mood": 4.0 * (0.5 - probability),
        "words": 0.9 * min(weight, 6) * (_WHEN_PLEASED if probability > _PLEASED else 1.0),
        "aspects": min(to_right, 2.5),
    }
