"""What the test for spikes finds and what it invents, on simulated series with a weekly season, growth and overdispersion.

    python -m benchmarks.trend_spikes [--days 300]

False alarms: days on which any series of a family bursts although nothing was planted. Recall: days on which a planted
burst of a series is found, among 16 series (a brand's aspects), by the series' usual negatives a day.
"""

import argparse
import time

import numpy as np

from benchmarks.table import show
from socialcrm.sentiment.trends.bursts import Past, bursting, judge
from tests.sentiment.trends.simulated import Noise, simulate, with_burst

STATED = 0.10
NOISES = {
    "16 series, a brand's aspects": Noise(series=16),
    "120 series, its groups": Noise(series=120),
    "120 series, Poisson only": Noise(overdispersion=1.0),
    "120 series, overdispersion 3": Noise(overdispersion=3.0),
    "120 series, level doubles in 8 weeks": Noise(growth=2.0),
    "120 series, 2 weeks of past (bootstrap)": Noise(days=14),
    "1,600 series, 100 groups": Noise(series=1600),
}


def bursts(past: Past, negatives: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Which series burst, all of one family."""
    family = np.zeros(len(negatives), dtype=np.int64)
    volume, share = bursting(judge(past, negatives, texts), negatives, texts, family)
    return volume | share


def false_alarms(noise: Noise, days: int) -> tuple[float, float, float]:
    """Share of days with any, number per 1,000 series and day, seconds a day takes."""
    began = time.perf_counter()
    found = [bursts(*simulate(seed, noise)).sum() for seed in range(days)]
    took = (time.perf_counter() - began) / days
    return float(np.mean([number > 0 for number in found])), 1000 * float(np.mean(found)) / noise.series, took


def recall(noise: Noise, level: float, times: float, days: int) -> float:
    """Share of days on which a burst of the series nearest to `level` negatives a day is found."""
    found = 0
    for seed in range(days):
        past, negatives, texts = simulate(seed, noise)
        at = int(np.argmin(np.abs(past.negatives.mean(axis=1) - level)))
        found += bool(bursts(past, *with_burst(past, negatives, texts, at, times, seed))[at])
    return found / days


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=300)
    given = parser.parse_args()
    rows = []
    for name, noise in NOISES.items():
        any_day, each, took = false_alarms(noise, given.days if noise.series < 1000 else given.days // 5)
        rows.append(
            (
                f"false alarms, {name}",
                f"{any_day:.1%} of days, {each:.2f} per 1,000 series, {1000 * took:.0f} ms",
                f"{STATED:.0%} of days",
            )
        )
    for days, past in ((56, "8 weeks of past"), (14, "2 weeks of past")):
        for level in (5, 8, 20, 40):
            noise = Noise(series=16, days=days)
            found = [f"{recall(noise, level, times, given.days // 2):.0%}" for times in (3.0, 5.0)]
            rows.append((f"recall of 3× and 5×, {level} a day, {past}", " and ".join(found), ""))
    show(f"Spikes on simulated series, {given.days} days", rows)


if __name__ == "__main__":
    main()
