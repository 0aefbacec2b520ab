"""Which series have more negatives on a day than their own past explains. Pure NumPy, all series at once.

A series is one aspect at one place. Its past is up to eight weeks of daily counts, and two things are tested, one-sided:

- volume: the negatives of the day against a level times a factor for the weekday. Days of the past that were bursts
  themselves are weighted down by their residual, and the spread is what the past shows, not Poisson's. This is the
  quasi-Poisson scheme of C. P. Farrington et al. (JRSS A 159, 1996) as improved by A. Noufaily et al. ("An improved
  algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32, 2013), with the weekly
  season taken out first, as S-H-ESD does (J. Hochenbaum, O. Vallis, A. Kejariwal, "Automatic anomaly detection in the
  cloud via statistical learning", 2017);
- share: the negatives among the day's texts, by a beta-binomial whose spread is that of the past.

Both probabilities include how unsure the expectation itself is. With less than four weeks of past there is no weekly
season to be had: the expectation's spread comes from a bootstrap over the days, and the answer says so ("bootstrap").
Over both tests of all series Benjamini–Hochberg (JRSS B 57, 1995) holds the false discovery rate, apart for the few series
of the whole brand and the many of its groups, so that many groups do not drown what the whole brand says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PAST_DAYS = 56
#: Less past than this has no weekly season; less than LEAST_DAYS is not judged at all.
SEASONAL_DAYS, LEAST_DAYS = 28, 7
HALF_LIFE = 28.0  # days until a day of the past counts half
OUTLYING = 2.58  # Anscombe residual from which a past day loses weight
SEASON_PRIOR = 12.0  # expected counts by which a weekday's factor is held to 1
FALSE_DISCOVERIES = 0.025  # of each family of series: the whole brand, and its groups
LEAST_NEGATIVES, LEAST_TEXTS = 5, 8
LEAST_RATIO, LEAST_RISE = 1.5, 0.10
ROUNDS, RESAMPLES = 4, 400


@dataclass(frozen=True, slots=True)
class Past:
    """Negatives and texts, each (series, days), oldest day first; `known[s, d]`: whether series s existed on day d."""

    negatives: Floats
    texts: Floats
    known: NDArray[np.bool_]
    #: 0–6 of each past day, and of the day that is judged.
    weekdays: NDArray[np.int64]
    weekday: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Per series: what was to be expected and how unlikely the day is. NaN probabilities are 1 where nothing is judged."""

    expected: Floats
    expected_share: Floats
    volume_p: Floats
    share_p: Floats
    seasonal: NDArray[np.bool_]
    judged: NDArray[np.bool_]


def judge(past: Past, negatives: Floats, texts: Floats, *, seed: int = 20261122) -> Verdicts:
    """Judge a day's `negatives` and `texts` (series,) against the past."""
    days = past.known.sum(axis=1)
    seasonal, judged = days >= SEASONAL_DAYS, days >= LEAST_DAYS
    mean, spread, unsure = _volume(past, seasonal)
    share, share_spread, share_unsure = _share(past)
    if not seasonal.all():
        rough_mean, rough_share = _bootstrapped(past, seed)
        unsure = np.where(seasonal, unsure, rough_mean)
        share_unsure = np.where(seasonal, share_unsure, rough_share)
    volume_p = count_tail(negatives, mean, spread * mean + unsure)
    share_p = share_tail(negatives, texts, share, share_spread, share_unsure)
    return Verdicts(
        expected=mean,
        expected_share=share,
        volume_p=np.where(judged, volume_p, 1.0),
        share_p=np.where(judged, share_p, 1.0),
        seasonal=seasonal,
        judged=judged,
    )


def _recency(past: Past) -> Floats:
    """Weight (series, days) of each past day: halved every HALF_LIFE days, nothing before the series began."""
    age = np.arange(past.negatives.shape[1], 0, -1, dtype=np.float64)
    return np.where(past.known, 0.5 ** (age / HALF_LIFE), 0.0)


def _volume(past: Past, seasonal: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Expected negatives of the day, the overdispersion, and the variance of the expectation, each (series,)."""
    recency = _recency(past)
    weights = recency.copy()
    mean = np.zeros_like(past.negatives)
    factor = np.ones((len(past.negatives), 7))
    for _ in range(ROUNDS):
        level = (weights * past.negatives).sum(axis=1) + 0.5 * weights.max(axis=1, initial=0)
        level = level / np.maximum(weights.sum(axis=1), 1e-9)
        factor = _factors(past, weights, level, seasonal)
        mean = level[:, None] * factor[:, past.weekdays]
        spread = _spread(past.negatives, mean, weights)
        residual = (
            1.5 * (past.negatives ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(spread)[:, None])
        )
        weights = recency * np.where(
            residual > OUTLYING, (OUTLYING / np.maximum(residual, OUTLYING)) ** 2, 1.0
        )
    expected = level * factor[:, past.weekday]
    same = (weights * (past.weekdays == past.weekday)).sum(axis=1)
    own = same * level / (same * level + SEASON_PRIOR)
    effective = 1 / (own**2 / np.maximum(same, 1e-9) + (1 - own) ** 2 / np.maximum(weights.sum(axis=1), 1e-9))
    return expected, spread, spread * expected / np.maximum(effective, 1.0)


def _factors(past: Past, weights: Floats, level: Floats, seasonal: NDArray[np.bool_]) -> Floats:
    """Factor (series, 7) of each weekday, held to 1 where little is known, all 1 without a season."""
    factor = np.ones((len(level), 7))
    for weekday in range(7):
        on = weights * (past.weekdays == weekday)
        heard, due = (on * past.negatives).sum(axis=1), on.sum(axis=1) * level
        factor[:, weekday] = (heard + SEASON_PRIOR) / (due + SEASON_PRIOR)
    return np.where(seasonal[:, None], factor, 1.0)


def _spread(counts: Floats, mean: Floats, weights: Floats) -> Floats:
    """Overdispersion (series,), at least 1: the weighted mean of squared Pearson residuals."""
    freedom = np.maximum(weights.sum(axis=1) - 3 * weights.max(axis=1, initial=0), 1e-9)
    found = (weights * (counts - mean) ** 2 / np.maximum(mean, 1e-9)).sum(axis=1) / freedom
    return np.maximum(found, 1.0)


def _share(past: Past) -> tuple[Floats, Floats, Floats]:
    """Expected share, the correlation of a day's texts, and the variance of the expectation, each (series,)."""
    weights = _recency(past)
    for _ in range(ROUNDS):
        texts = (weights * past.texts).sum(axis=1)
        share = ((weights * past.negatives).sum(axis=1) + 0.5) / (texts + 1.0)
        usual = share[:, None] * past.texts
        plain = np.maximum(usual * (1 - share[:, None]), 1e-9)
        pairs = (weights * past.texts * np.maximum(past.texts - 1, 0)).sum(axis=1)
        excess = (
            weights * ((past.negatives - usual) ** 2 / (share * (1 - share))[:, None] - past.texts)
        ).sum(axis=1)
        correlation = np.clip(excess / np.maximum(pairs, 1e-9), 0.0, 0.5)
        variance = plain * (1 + np.maximum(past.texts - 1, 0) * correlation[:, None])
        residual = (past.negatives - usual) / np.sqrt(variance)
        weights = _recency(past) * np.where(
            residual > OUTLYING, (OUTLYING / np.maximum(residual, OUTLYING)) ** 2, 1.0
        )
    daily = (past.texts * past.known).sum(axis=1) / np.maximum(past.known.sum(axis=1), 1)
    inflated = 1 + np.maximum(daily - 1, 0) * correlation
    return share, correlation, share * (1 - share) * inflated / (texts + 1.0)


def _bootstrapped(past: Past, seed: int) -> tuple[Floats, Floats]:
    """Variance of the mean count and of the share, each (series,), over resampled days of each series' past."""
    rng = np.random.default_rng(seed)
    # The Poisson bootstrap: every day is drawn Poisson(1) times, for all series alike.
    drawn = rng.poisson(1.0, (RESAMPLES, past.negatives.shape[1])).astype(np.float64)
    days = drawn @ past.known.T
    negatives = drawn @ (past.negatives * past.known).T + 0.5
    texts = drawn @ (past.texts * past.known).T + 1.0
    return (negatives / np.maximum(days, 1)).var(axis=0), (negatives / texts).var(axis=0)


def count_tail(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """P(X ≥ count) of a negative binomial with this mean and variance (Poisson's where that is larger)."""
    from scipy.special import betainc

    mean = np.maximum(mean, 1e-6)
    variance = np.maximum(variance, mean * (1 + 1e-6))
    size = mean**2 / (variance - mean)
    tail = betainc(np.maximum(counts, 1), size, mean / (size + mean))
    return np.where(counts > 0, tail, 1.0)


def share_tail(counts: Floats, texts: Floats, share: Floats, correlation: Floats, unsure: Floats) -> Floats:
    """P(X ≥ count) of `texts` draws from a beta-binomial with this share and correlation; `unsure`: variance of the share."""
    from scipy.special import betaln, gammaln

    result = np.ones(len(counts))
    for at in np.flatnonzero((counts > share * texts) & (texts > 1)):
        count, number, expected = int(counts[at]), int(texts[at]), float(share[at])
        together = correlation[at] + unsure[at] / (expected * (1 - expected))
        together = min(max(float(together), 1e-6), 0.9)
        left, right = expected * (1 / together - 1), (1 - expected) * (1 / together - 1)
        k = np.arange(count, number + 1)
        ways = gammaln(number + 1) - gammaln(k + 1) - gammaln(number - k + 1)
        result[at] = min(
            1.0, float(np.exp(ways + betaln(k + left, number - k + right) - betaln(left, right)).sum())
        )
    return result


def discoveries(p: Floats, rate: float = FALSE_DISCOVERIES) -> NDArray[np.bool_]:
    """Which hypotheses (n,) to reject at this false discovery rate: Benjamini–Hochberg."""
    if not len(p):
        return np.zeros(0, dtype=bool)
    order = np.argsort(p, kind="stable")
    within = p[order] <= rate * np.arange(1, len(p) + 1) / len(p)
    rejected = np.zeros(len(p), dtype=bool)
    if within.any():
        rejected[order[: int(np.flatnonzero(within)[-1]) + 1]] = True
    return rejected


def bursting(
    verdicts: Verdicts, negatives: Floats, texts: Floats, family: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which series (series,) burst in volume, and which in share: unlikely in its family, and large enough to matter."""
    volume, share = np.zeros(len(family), dtype=bool), np.zeros(len(family), dtype=bool)
    for name in np.unique(family):
        own = verdicts.judged & (family == name)
        rejected = discoveries(np.concatenate([verdicts.volume_p[own], verdicts.share_p[own]]))
        volume[own], share[own] = rejected[: own.sum()], rejected[own.sum() :]
    enough = negatives >= LEAST_NEGATIVES
    volume &= enough & (negatives >= LEAST_RATIO * verdicts.expected)
    rise = negatives / np.maximum(texts, 1) - verdicts.expected_share
    share &= enough & (texts >= LEAST_TEXTS) & (rise >= LEAST_RISE)
    return volume, share
