"""Bursts are found, and noise with a weekly season is left alone. All simulated, seeded."""

from __future__ import annotations

import math

import numpy as np
import pytest

from socialcrm.sentiment.trends.bursts import Past, bursting, count_tail, discoveries, judge, share_tail

from .simulated import SEASON, Noise, simulate, with_burst

#: What docs/sentiment.md states: on so many days at most is any of a family's series called a burst that is none.
STATED = 0.10


def bursts(past: Past, negatives: np.ndarray, texts: np.ndarray) -> np.ndarray:
    volume, share = bursting(
        judge(past, negatives, texts), negatives, texts, np.zeros(len(negatives), dtype=int)
    )
    return volume | share


@pytest.mark.parametrize(
    "noise", [Noise(), Noise(overdispersion=1.0), Noise(days=14), Noise(growth=2.0)], ids=str
)
def test_false_alarms_stay_under_the_stated_rate(noise: Noise) -> None:
    days = [bursts(*simulate(seed, noise)).any() for seed in range(60)]
    assert np.mean(days) <= STATED


@pytest.mark.parametrize(("level", "least"), [(20, 0.8), (40, 0.9)])
def test_a_planted_burst_of_three_times_is_found(level: int, least: float) -> None:
    found = []
    for seed in range(40):
        past, negatives, texts = simulate(seed, Noise(series=16))
        at = int(np.argmin(np.abs(past.negatives.mean(axis=1) - level)))
        found.append(bursts(past, *with_burst(past, negatives, texts, at, 3.0, seed))[at])
    assert np.mean(found) >= least


def test_a_busy_weekend_is_no_burst() -> None:
    """Eight Saturdays with three times the week's level, and one more of them."""
    weekdays = np.arange(57) % 7
    counts = np.where(weekdays == 5, 30.0, 10.0)[None, :]
    days = weekdays[:-1][:55]
    past = Past(counts[:, :54], counts[:, :54] * 3, np.ones((1, 54), dtype=bool), days[:54], 5)
    assert not bursts(past, np.array([30.0]), np.array([90.0])).any()
    quiet = Past(past.negatives, past.texts, past.known, past.weekdays, 2)
    assert bursts(quiet, np.array([30.0]), np.array([60.0])).all()


def test_an_earlier_burst_does_not_hide_the_next() -> None:
    past, negatives, texts = simulate(5, Noise(series=4, low=8, high=20))
    past.negatives[:, 20] *= 8
    past.texts[:, 20] *= 8
    assert bursts(past, negatives * 0 + 70, texts * 0 + 120).all()


def test_a_share_bursts_without_more_texts() -> None:
    past, _, texts = simulate(3, Noise(series=6, low=9, high=15))
    verdict = judge(past, texts * 0.85, texts)
    _, share = bursting(verdict, np.round(texts * 0.85), texts, np.zeros(6, dtype=int))
    assert share.all()
    assert np.all(verdict.expected_share < 0.45)


def test_without_a_week_of_past_nothing_is_judged() -> None:
    past, _, _ = simulate(1, Noise(series=3, days=6))
    verdict = judge(past, np.full(3, 500.0), np.full(3, 500.0))
    assert not verdict.judged.any()
    assert (verdict.volume_p == 1).all()


def test_with_little_past_the_answer_says_that_it_is_rough() -> None:
    past, _, _ = simulate(1, Noise(series=3, days=12, low=4, high=6))
    verdict = judge(past, np.full(3, 60.0), np.full(3, 80.0))
    assert verdict.judged.all() and not verdict.seasonal.any()
    assert (verdict.volume_p < 1e-3).all()
    assert np.array_equal(verdict.volume_p, judge(past, np.full(3, 60.0), np.full(3, 80.0)).volume_p)


def test_the_tails_are_those_of_their_distributions() -> None:
    def beta(a: float, b: float) -> float:
        return math.gamma(a) * math.gamma(b) / math.gamma(a + b)

    tail = count_tail(np.array([7.0, 0.0]), np.array([3.0, 3.0]), np.array([6.0, 6.0]))
    # Mean 3, variance 6: three successes of chance one half.
    below = sum(math.comb(k + 2, k) * 0.5 ** (k + 3) for k in range(7))
    assert tail == pytest.approx([1 - below, 1.0])
    # A correlation of .2 between texts: α + β = 1/.2 − 1 = 4.
    found = share_tail(np.array([9.0]), np.array([12.0]), np.array([0.25]), np.array([0.2]), np.array([0.0]))
    above = sum(math.comb(12, k) * beta(k + 1, 15 - k) / beta(1, 3) for k in range(9, 13))
    assert found == pytest.approx([above])


def test_benjamini_and_hochberg_on_their_own_example() -> None:
    """The fifteen p-values of their paper: four are rejected at .05."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1.0,
    ]
    assert discoveries(np.array(p), 0.05).tolist() == [True] * 4 + [False] * 11
    assert not discoveries(np.array([]), 0.05).size


def test_the_simulation_has_a_season() -> None:
    past, _, _ = simulate(0, Noise(low=20, high=40, growth=1.0))
    week = [past.negatives[:, past.weekdays == day].mean() for day in range(7)]
    assert np.corrcoef(week, SEASON)[0, 1] > 0.95
