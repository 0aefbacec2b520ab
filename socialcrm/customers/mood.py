"""Mood: an exponentially decaying mean of what the customer's texts said. Pure."""

from __future__ import annotations

from datetime import datetime

HALF_LIFE_DAYS = 14.0
WEIGHT = 0.4


def next_mood(mood: float | None, since: datetime | None, score: float, now: datetime) -> float:
    """The mood after a text of `score` (−1 … 1): the old one decays to 0 by half each HALF_LIFE_DAYS, the new weighs WEIGHT."""
    if mood is None or since is None:
        return max(-1.0, min(1.0, score))
    days = max((now - since).total_seconds(), 0.0) / 86400
    decayed = mood * 0.5 ** (days / HALF_LIFE_DAYS)
    return max(-1.0, min(1.0, (1 - WEIGHT) * decayed + WEIGHT * score))


def mood_word(mood: float | None) -> str:
    """`negative`, `neutral`, `positive`, or `unknown` without one."""
    if mood is None:
        return "unknown"
    return "negative" if mood < -0.2 else "positive" if mood > 0.2 else "neutral"
