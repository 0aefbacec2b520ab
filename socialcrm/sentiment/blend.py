"""Join the model's score and the rules' where the model is unsure or the text is short; elsewhere the model stands.

The join is a sum of small decision trees (gradient boosting, Friedman 2001): what a negation or a 但是 is worth depends on how
sure the model is, how long the text is and what kind it is, more than a weighted sum can say. More praise never lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.reading import Reading

# The rules are asked below this |score| and up to this many characters: on reviews, and on posts and chat, where
# they know less. Elsewhere they cost more than they give.
_UNSURE_REVIEW, _UNSURE_OTHER = 1.5, 0.8
_SHORT_REVIEW, _SHORT_OTHER = 40, 20
_FIRM = 3  # characters of a phrase that means what it says, unlike many a single word
_MOST = 400.0  # beyond this a length or a sum of judgements says nothing more
_CUES = ("irony", "smirk", "wish", "but", "although", "lack", "none", "undo", "ask", "mock", "rival")
#: Which way each of the first traits may move the answer: 1 only up, −1 only down, 0 either.
DIRECTIONS = (1, 1, 1, 1, 1, 1, 1, 1, -1, *[0] * (5 + len(_CUES)))


def wants_rules(score: float, length: int, review_share: float) -> bool:
    """Whether the rules have a say on a text of `length` characters with this model score, so far taken as a review."""
    if length <= _SHORT_OTHER + (_SHORT_REVIEW - _SHORT_OTHER) * review_share:
        return True
    return abs(score) < _UNSURE_OTHER + (_UNSURE_REVIEW - _UNSURE_OTHER) * review_share


def rule_traits(length: int, reading: Reading) -> list[float]:
    """What the rules say of a text of `length` characters, and how they came to it."""
    cues = reading.cues
    total = firm = best = worst = first = last = covered = turned = asked = hanging = 0.0
    praises = blames = 0
    for clause in reading.clauses:
        asked = asked or float(clause.asked)
        if "but" in clause.cues:
            hanging = 1.0  # a turn after which nothing is judged
        said = 0.0
        for each in clause.judgements:
            value = clause.weight * each.score
            said += value
            covered += each.end - each.start
            if value > 0:
                praises += 1
                if value > best:
                    best = value
            else:
                blames += 1
                if value < worst:
                    worst = value
            if each.score * each.word.entry.polarity <= 0:
                turned = 1.0
            if turned or each.end - each.start >= _FIRM:
                firm += value
        if clause.judgements:
            hanging = 0.0
            total += said
            first = first if praises + blames > len(clause.judgements) else said
            last = said
    sums = [min(max(each, -_MOST), _MOST) for each in (total, firm, best, worst, first, last)]
    counts = [float(praises), float(blames)]
    shape = [turned, asked, min(length, _MOST), covered / max(length, 1), hanging]
    return [*sums, *counts, *shape, *[float(cue in cues) for cue in _CUES]]


def traits(score: float, rules: Sequence[float], shares: Sequence[float]) -> list[float]:
    """What the trees look at: the model's score, what `rule_traits` found, the shares of the experts."""
    return [score, *rules, *shares]


class Trees:
    """Decision trees of at most 16 leaves, all walked at once (Lucchese et al. 2015, "QuickScorer").

    Leaves are numbered from the left. A node whose trait lies above its threshold rules out the leaves on its left; the first
    leaf that no node rules out is the tree's answer. Arrays: `blend_traits`, `blend_thresholds` and `blend_left` (the leaves
    that are left when the node rules out, a bit each) [nodes, trees], `blend_leaves` [trees, 16] in log-odds, `blend_start` [1].
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        trees, count = len(arrays["blend_leaves"]), int(arrays["blend_traits"].max()) + 1
        self._leaves = arrays["blend_leaves"].ravel()
        self._rows = np.arange(trees) * LEAVES
        self._start = float(arrays["blend_start"][0])
        # Thresholds of all traits in one sorted row, those of trait t shifted by t · _APART: one search places all traits.
        self._shifts = np.arange(count) * _APART
        self._thresholds = np.sort(_shifted(arrays)[np.isfinite(arrays["blend_thresholds"])])
        self._blocks = np.arange(count)
        self._left = _left_by_place(arrays, count)

    def score(self, values: Sequence[float]) -> float:
        """Log-odds of positive for one text's `traits`."""
        shifted = np.array(values[: len(self._shifts)]) + self._shifts
        passed = self._thresholds.searchsorted(shifted) + self._blocks
        left = np.bitwise_and.reduce(self._left.take(passed, axis=0), axis=0)
        return self._start + float(self._leaves.take(self._rows + _FIRST.take(left)).sum())


def _shifted(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    return arrays["blend_thresholds"].astype(np.float64) + arrays["blend_traits"] * _APART


def _left_by_place(arrays: Mapping[str, NDArray[Any]], count: int) -> NDArray[np.uint16]:
    """The leaves left in each tree once so many thresholds of a trait are passed: a block of rows per trait, none passed first."""
    thresholds, chosen = arrays["blend_thresholds"], arrays["blend_traits"]
    nodes = np.argwhere(np.isfinite(thresholds))
    nodes = nodes[np.argsort(_shifted(arrays)[tuple(nodes.T)], kind="stable")]
    rows = []
    for trait in range(count):
        rows.append(np.full(thresholds.shape[1], _ALL))
        for node, tree in nodes[chosen[tuple(nodes.T)] == trait]:
            rows.append(rows[-1].copy())
            rows[-1][tree] &= arrays["blend_left"][node, tree]
    return np.array(rows)


LEAVES = 16
_APART = 1e4  # more than any two values of a trait lie apart
_ALL = np.uint16(2**LEAVES - 1)
_BITS = np.arange(2**LEAVES)
#: Bits → the lowest that is set.
_FIRST = np.frexp(_BITS & -_BITS)[1].astype(np.intp) - 1
