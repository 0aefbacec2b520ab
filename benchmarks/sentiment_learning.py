"""What a brand's layer gains from 200 and from 1,000 labels of a kind of text that the engine never saw.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sentiment_learning --data ../shared/sentiment/dev --leave-out shop

Trains a base without the domain left out (minutes), takes so many of its texts as corrections, and measures the
residual on 3,000 others. The penalties are those of the layer's boldest step.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.corpus import load_polarity, split
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.joining import challenged, fit_join, scored
from socialcrm.sentiment.learning.fitting import Design, Floats, applied, fit, ngram_matrix
from socialcrm.sentiment.learning.training import STEPS
from socialcrm.sentiment.material import gather
from socialcrm.sentiment.training import SEED, train_experts

FEATURES = 200_000
POOL, JUDGED = 3000, 3000
SAMPLES = 3


def base_answers(folder: Path, domain: str) -> tuple[list[str], str, Floats, NDArray[np.bool_]]:
    """(texts, channel, log-odds, is positive) of a domain, by a base that never saw it."""
    examples = load_polarity([folder])
    known_ones = [each for each in examples if each.domain != domain]
    rest, held_out = split(known_ones, 0.075, SEED)
    experts = train_experts(gather(known_ones).of(rest), lambda line: print(line, file=sys.stderr), FEATURES)
    known = experts.domains, experts.channels
    join = fit_join(scored(experts, held_out, *known), challenged(experts, "tune", *known))
    own = [each for each in examples if each.domain == domain and each.label != 2]
    random.Random(5).shuffle(own)
    own = own[: POOL + JUDGED]
    texts, channel = [each.text for each in own], own[0].channel
    scores = join.answers(scored(experts, own, *known))
    return texts, channel, scores, np.array([each.label == 1 for each in own])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--leave-out", default="shop")
    options = parser.parse_args()
    texts, channel, scores, is_positive = base_answers(options.data, options.leave_out)
    codes = [fold(text).codes for text in texts]
    channels = (channel,) * len(texts)
    design = Design(ngram_matrix(codes, channels), channels, scores)
    judged = np.arange(POOL, len(texts))
    before = float(((scores[judged] > 0) == is_positive[judged]).mean())
    report: dict[str, object] = {
        "domain": options.leave_out,
        "judged": len(judged),
        "before": round(100 * before, 2),
    }
    step = STEPS[0]
    for count in (200, 1000):
        gains = []
        for seed in range(SAMPLES):
            chosen = np.random.default_rng(seed).permutation(POOL)[:count]
            targets = is_positive[chosen].astype(float)
            residual = fit(design.rows(chosen), targets, np.ones(count), step.penalty, step.bias_penalty)
            after = (applied(residual, design.rows(judged)) > 0) == is_positive[judged]
            gains.append(round(100 * (float(after.mean()) - before), 2))
        report[f"gain_at_{count}"] = {"points": gains, "mean": round(float(np.mean(gains)), 2)}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
