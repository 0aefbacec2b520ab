"""Series of daily counts with a weekly season, growth and overdispersion, as groups and aspects have; seeded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from socialcrm.sentiment.trends.bursts import PAST_DAYS, Past

#: Monday first: half as many again at the weekend.
SEASON = np.array([0.8, 0.85, 0.9, 0.9, 1.0, 1.35, 1.2])


@dataclass(frozen=True)
class Noise:
    """How the series are made: mean negatives a day are spread from `low` to `high` over the series."""

    series: int = 120
    days: int = PAST_DAYS
    low: float = 0.3
    high: float = 40.0
    overdispersion: float = 1.5
    growth: float = 1.2  # of the level over the past
    share: float = 0.3


def simulate(seed: int, noise: Noise = Noise()) -> tuple[Past, np.ndarray, np.ndarray]:
    """(past, the day's negatives, the day's texts) without any burst."""
    rng = np.random.default_rng(seed)
    level = np.geomspace(noise.low, noise.high, noise.series)
    weekdays = np.arange(noise.days + 1) % 7
    trend = np.linspace(1.0, noise.growth, noise.days + 1)
    mean = level[:, None] * SEASON[weekdays] * trend
    negatives = _counts(rng, mean, noise.overdispersion)
    others = _counts(rng, mean * (1 - noise.share) / noise.share, noise.overdispersion)
    texts = negatives + others
    known = np.ones((noise.series, noise.days), dtype=bool)
    past = Past(negatives[:, :-1], texts[:, :-1], known, weekdays[:-1], int(weekdays[-1]))
    return past, negatives[:, -1], texts[:, -1]


def _counts(rng: np.random.Generator, mean: np.ndarray, overdispersion: float) -> np.ndarray:
    """Negative binomial counts with variance `overdispersion` × mean."""
    if overdispersion <= 1:
        return rng.poisson(mean).astype(float)
    chance = 1 / overdispersion
    return rng.negative_binomial(mean * chance / (1 - chance), chance).astype(float)


def with_burst(past: Past, negatives: np.ndarray, texts: np.ndarray, at: int, times: float, seed: int):
    """The same day with series `at` at `times` its usual negatives."""
    rng = np.random.default_rng(seed + 1)
    usual = past.negatives[at, past.weekdays == past.weekday].mean()
    more = rng.poisson(max(usual, 0.5) * (times - 1))
    burst, all_texts = negatives.copy(), texts.copy()
    burst[at] += more
    all_texts[at] += more
    return burst, all_texts
