"""Fit what stands between the experts and the answer, on texts that the experts have not seen: calibration, and the trees that
join model and rules. Training time only; the trees are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.blend import DIRECTIONS, LEAVES, Trees, rule_traits, traits, wants_rules
from socialcrm.sentiment.corpus import Example, challenge, written
from socialcrm.sentiment.fitting import Floats, platt
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.reading import read
from socialcrm.sentiment.training import SEED, Experts

Steps = dict[str, tuple[float, float]]
Arrays = dict[str, NDArray[Any]]
#: What the challenge's tuning half weighs in the trees' fit, as a share of the plain texts that the rules are asked about.
_HARD_SHARE = 0.1
_CALIBRATED_ON = 50  # texts at least
_TREES: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.06,
    "max_leaf_nodes": 12,
    "l2_regularization": 5.0,
    "min_samples_leaf": 40,
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """Texts that the experts who score them have not seen.

    `rules` [texts, rule traits]; `given` and `guessed` are (log-odds [texts], shares [texts, experts]) with the channel
    known and not known.
    """

    experts: tuple[str, ...]
    channels: tuple[str, ...]
    domain: NDArray[np.str_]
    is_positive: NDArray[np.bool_]
    rules: Floats
    given: tuple[Floats, Floats]
    guessed: tuple[Floats, Floats]

    @property
    def lengths(self) -> Floats:
        """Folded characters of each text, as far as they count."""
        return self.rules[:, _LENGTH]


_LENGTH = 10  # the place of the length among `rule_traits`


def scored(
    experts: Experts, examples: Sequence[Example], names: tuple[str, ...], channels: tuple[str, ...]
) -> Unseen:
    """`examples` with a side, as `experts` score them; experts that are missing among `names` get no share."""
    polar = [each for each in examples if each.label != 2]
    return _scored(
        experts,
        [(each.text, each.channel, each.label == 1) for each in polar],
        [each.domain for each in polar],
        (names, channels),
    )


def challenged(experts: Experts, part: str, names: tuple[str, ...], channels: tuple[str, ...]) -> Unseen:
    """The challenge's `part`, whose channel nobody knows."""
    sentences = challenge(part)
    items = [(text, None, label == 1) for text, _, label in sentences]
    return _scored(experts, items, [phenomenon for _, phenomenon, _ in sentences], (names, channels))


def sentences_of(experts: Experts, author: int, names: tuple[str, ...], channels: tuple[str, ...]) -> Unseen:
    """What `author` wrote to teach hard phenomena."""
    own = [each for each in written() if each.author == author]
    items = [(each.text, each.channel, each.label == 1) for each in own]
    return _scored(experts, items, [each.phenomenon for each in own], (names, channels))


def _scored(
    experts: Experts,
    items: Sequence[tuple[str, str | None, bool]],
    domain: Sequence[str],
    known: tuple[tuple[str, ...], tuple[str, ...]],
) -> Unseen:
    names, channels = known
    texts = [text for text, _, _ in items]
    seen = experts.see(texts)
    columns = [names.index(name) for name in experts.domains]

    def mixed(given: Sequence[str | None]) -> tuple[Floats, Floats]:
        scores, own = experts.mixed(seen, given)
        shares = np.zeros((len(texts), len(names)))
        shares[:, columns] = own
        return scores, shares

    return Unseen(
        names,
        channels,
        np.array(domain),
        np.array([is_positive for _, _, is_positive in items]),
        _read(texts),
        mixed([channel for _, channel, _ in items]),
        mixed([None] * len(items)),
    )


def _read(texts: Sequence[str]) -> Floats:
    lexicon = default_lexicon()
    rows = []
    for text in texts:
        folded = fold(text)
        rows.append(rule_traits(len(folded), read(folded.text, lexicon, with_mentions=False)))
    return np.array(rows, dtype=np.float64)


def together(parts: Sequence[Unseen]) -> Unseen:
    """All texts of `parts`, which know the same experts."""

    def both(pairs: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        return np.concatenate([scores for scores, _ in pairs]), np.vstack([shares for _, shares in pairs])

    first = parts[0]
    return Unseen(
        first.experts,
        first.channels,
        np.concatenate([each.domain for each in parts]),
        np.concatenate([each.is_positive for each in parts]),
        np.vstack([each.rules for each in parts]),
        both([each.given for each in parts]),
        both([each.guessed for each in parts]),
    )


@dataclass(frozen=True, slots=True)
class Join:
    """Platt (slope, shift) per expert, and the arrays of `blend.Trees`."""

    steps: Steps
    trees: Arrays

    def answers(self, unseen: Unseen, guessed: bool = False) -> Floats:
        """The log-odds [texts] that the engine will give."""
        scores = _calibrated(unseen, self.steps, guessed)
        shares = (unseen.guessed if guessed else unseen.given)[1]
        trees = Trees(self.trees)
        for index in np.flatnonzero(_asked(unseen, scores, shares)):
            values = traits(float(scores[index]), unseen.rules[index].tolist(), shares[index].tolist())
            scores[index] = trees.score(values)
        return scores


def fit_join(unseen: Unseen, hard: Unseen) -> Join:
    """Calibration and trees from texts and `hard` sentences, the channel of all given once and guessed once."""
    steps = _calibrate(unseen)
    parts = [_rows(those, steps, guessed) for those in (unseen, hard) for guessed in (False, True)]
    rows = np.vstack([own for own, _ in parts])
    truth = np.concatenate([own for _, own in parts])
    count = len(parts[0][0]) + len(parts[1][0])
    weights = np.ones(len(rows))
    weights[count:] = _HARD_SHARE * count / max(len(rows) - count, 1)
    return Join(steps, _fit_trees(rows, truth, weights, len(unseen.experts)))


def _calibrate(unseen: Unseen) -> Steps:
    """Platt steps of each expert on texts of its domain; its channel's where they are few."""
    scores, _ = unseen.given
    channel_of = dict(zip(unseen.experts, unseen.channels, strict=True))
    channels = np.array([channel_of[name] for name in unseen.domain])
    steps: Steps = {}
    for name, channel in channel_of.items():
        own = unseen.domain == name
        if own.sum() < _CALIBRATED_ON:
            own = channels == channel
        is_enough = own.sum() >= _CALIBRATED_ON
        step = platt(scores[own], unseen.is_positive[own]) if is_enough else (1.0, 0.0)
        steps[name] = (round(step[0], 4), round(step[1], 4))
    return steps


def _calibrated(unseen: Unseen, steps: Steps, guessed: bool) -> Floats:
    scores, shares = unseen.guessed if guessed else unseen.given
    slope, shift = (shares @ np.array([steps[name] for name in unseen.experts])).T
    return np.asarray(slope * scores + shift)


def _asked(unseen: Unseen, scores: Floats, shares: Floats) -> NDArray[np.bool_]:
    """Which texts the rules are asked about."""
    as_review = shares[:, [channel == "review" for channel in unseen.channels]].sum(axis=1)
    asked = map(wants_rules, scores.tolist(), unseen.lengths.tolist(), as_review.tolist())
    return np.fromiter(asked, dtype=np.bool_, count=len(scores))


def _rows(unseen: Unseen, steps: Steps, guessed: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """(`blend.traits` of the texts that the rules are asked about, their truth)."""
    scores, shares = _calibrated(unseen, steps, guessed), (unseen.guessed if guessed else unseen.given)[1]
    asked = _asked(unseen, scores, shares)
    return np.hstack([scores[asked, None], unseen.rules[asked], shares[asked]]), unseen.is_positive[asked]


def _fit_trees(rows: Floats, truth: NDArray[np.bool_], weights: Floats, experts: int) -> Arrays:
    boosting = _boosted(rows, truth, weights, experts)
    trees = [each[0].nodes for each in boosting._predictors]
    return _as_arrays(trees, float(boosting._baseline_prediction[0, 0]))


def _boosted(rows: Floats, truth: NDArray[np.bool_], weights: Floats, experts: int) -> Any:
    """A fitted HistGradientBoostingClassifier."""
    # Imported here: only training needs it, and the command line must answer without it.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    boosting = HistGradientBoostingClassifier(
        monotonic_cst=[*DIRECTIONS, *[0] * experts], random_state=SEED, early_stopping=False, **_TREES
    )
    with threadpool_limits(1):  # several threads add up in any order, and the last digit differs
        return boosting.fit(rows.astype(np.float32), truth, sample_weight=weights)


def _as_arrays(trees: Sequence[NDArray[Any]], start: float) -> Arrays:
    """The arrays of `blend.Trees` from scikit-learn's nodes."""
    shape = (LEAVES - 1, len(trees))
    chosen, left = np.zeros(shape, np.uint8), np.full(shape, 2**LEAVES - 1, np.uint16)
    thresholds = np.full(shape, np.inf, np.float32)
    leaves = np.zeros((len(trees), LEAVES), np.float32)
    for place, nodes in enumerate(trees):
        inner, values = _walk(nodes, 0, 0)
        leaves[place, : len(values)] = values
        for row, (trait, threshold, first, last) in enumerate(inner):
            chosen[row, place], thresholds[row, place] = trait, threshold
            left[row, place] = (2**LEAVES - 1) ^ (2**last - 2**first)
    used = int(np.isfinite(thresholds).any(axis=1).sum()) or 1
    return {
        "blend_traits": chosen[:used],
        "blend_thresholds": thresholds[:used],
        "blend_left": left[:used],
        "blend_leaves": leaves,
        "blend_start": np.array([start], dtype=np.float32),
    }


Inner = list[tuple[int, float, int, int]]


def _walk(nodes: NDArray[Any], place: int, first: int) -> tuple[Inner, list[float]]:
    """(nodes that ask, with the range of leaves on their left, numbered from `first`; values of the leaves) from `place` down."""
    node = nodes[place]
    if node["is_leaf"]:
        return [], [float(node["value"])]
    asks, values = _walk(nodes, int(node["left"]), first)
    middle = first + len(values)
    more, others = _walk(nodes, int(node["right"]), middle)
    own = (int(node["feature_idx"]), float(node["num_threshold"]), first, middle)
    return [own, *asks, *more], values + others
