"""By how many points is the engine better than SnowNLP on texts that neither was trained on?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sentiment_gain --data DIR

Trains experts without a quarter of the texts, fits their join on half of that quarter, and lets both programs judge `--texts`
of each domain from the other half, in the same run.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from snownlp import SnowNLP

from socialcrm.sentiment.corpus import Example, folds_of, load_polarity
from socialcrm.sentiment.joining import Unseen, challenged, fit_join, scored
from socialcrm.sentiment.material import gather
from socialcrm.sentiment.training import FEATURES, SEED, train_experts

_PARTS = 8


def main() -> None:
    """Print accuracy per domain, of SnowNLP and of the engine with the channel given and guessed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=300, help="How many of each domain are judged.")
    given = parser.parse_args()
    material = gather(load_polarity([given.data]))
    part = folds_of([(each.domain, each.label) for each in material.examples], _PARTS, SEED)
    dealt = list(zip(material.examples, part, strict=True))
    experts = train_experts(
        material.of([each for each, own in dealt if own > 1]), partial(print, flush=True), FEATURES
    )
    known = experts.domains, experts.channels
    judged = _some([each for each, own in dealt if own == 1], given.texts)
    join = fit_join(
        scored(experts, [each for each, own in dealt if own == 0], *known),
        challenged(experts, "tune", *known),
    )
    unseen = scored(experts, judged, *known)
    theirs = np.array([SnowNLP(each.text).sentiments > 0.5 for each in judged])
    _tell(unseen, theirs, join.answers(unseen) > 0, join.answers(unseen, guessed=True) > 0)


def _some(examples: list[Example], count: int) -> list[Example]:
    names = dict.fromkeys(each.domain for each in examples)
    return [each for name in names for each in [own for own in examples if own.domain == name][:count]]


def _tell(unseen: Unseen, *answers: np.ndarray) -> None:
    print(f"{'domain':14}{'n':>6}{'SnowNLP':>10}{'given':>10}{'guessed':>10}")
    shares = []
    for name in unseen.experts:
        own = unseen.domain == name
        shares.append([100 * (each[own] == unseen.is_positive[own]).mean() for each in answers])
        print(f"{name:14}{own.sum():6}" + "".join(f"{share:10.1f}" for share in shares[-1]))
    means = np.mean(shares, axis=0)
    print(f"{'mean':20}" + "".join(f"{share:10.1f}" for share in means))
    print(f"gain over SnowNLP: {means[1] - means[0]:.1f} points, channel guessed {means[2] - means[0]:.1f}")


if __name__ == "__main__":
    main()
