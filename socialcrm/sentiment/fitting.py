"""Fitting of the linear models: n-gram counts, naive-Bayes ratios, logistic regression, calibration. Training time only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.kernel import LONGEST, buffer_of, hashes, ngram_total

Floats = NDArray[np.float64]
Single = NDArray[np.float32]


def ngram_keys(text: str) -> NDArray[np.uint32]:
    """The hashes of all whole n-grams of `text`, repeated as often as they occur."""
    codes = fold(text).codes
    found = hashes(buffer_of(codes))
    places = len(found)
    return np.concatenate([found[: max(places - length, 0), length] for length in range(LONGEST)])


def count_matrix(texts: Sequence[str], keys: NDArray[np.uint32]) -> sp.csr_matrix:
    """Counts [texts, keys] of the n-grams in `keys` (sorted)."""
    rows, columns = [], []
    for index, text in enumerate(texts):
        own = ngram_keys(text)
        at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
        at = at[keys[at] == own].astype(np.int32)
        columns.append(at)
        rows.append(np.full(len(at), index, dtype=np.int32))
    column = np.concatenate(columns)
    data = np.ones(len(column), dtype=np.float32)
    counts = sp.csr_matrix((data, (np.concatenate(rows), column)), shape=(len(texts), len(keys)))
    counts.sum_duplicates()
    return counts


def counted(texts: Sequence[str], at_least: int) -> tuple[NDArray[np.uint32], sp.csr_matrix]:
    """Sorted hashes of the n-grams that occur in at least `at_least` texts, and their counts [texts, keys]."""
    return counted_keys([ngram_keys(text) for text in texts], at_least)


def counted_keys(
    found: Sequence[NDArray[np.uint32]], at_least: int
) -> tuple[NDArray[np.uint32], sp.csr_matrix]:
    """`counted` for texts, or parts of texts, whose hashes are `found` already."""
    keys, columns = np.unique(np.concatenate(found), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum([len(each) for each in found])])
    ones = np.ones(len(columns), dtype=np.float32)
    counts = sp.csr_matrix((ones, columns.astype(np.int32), starts), shape=(len(found), len(keys)))
    counts.sum_duplicates()
    kept = np.flatnonzero(np.bincount(counts.indices, minlength=len(keys)) >= at_least)
    return keys[kept], counts[:, kept]


def by_length(counts: sp.csr_matrix, texts: Sequence[str]) -> sp.csr_matrix:
    """Each row divided by the root of the number of all n-grams of its text, known or not, as the engine's heads do."""
    totals = np.array([ngram_total(len(fold(text).codes)) for text in texts], dtype=np.float64)
    return sp.csr_matrix(sp.diags((totals**-0.5).astype(np.float32)) @ counts)


def bayes_ratios(counts: sp.csr_matrix, is_positive: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Log ratio of each n-gram's share of positive and of negative texts (Wang and Manning 2012), smoothed by one."""
    present = counts.copy()
    present.data[:] = 1
    positive = 1 + np.asarray(present[is_positive].sum(axis=0)).ravel()
    negative = 1 + np.asarray(present[~is_positive].sum(axis=0)).ravel()
    return np.log((positive / positive.sum()) / (negative / negative.sum())).astype(np.float32)


def logistic(
    features: sp.csr_matrix,
    is_positive: NDArray[np.bool_],
    strength: float,
    rounds: int,
    weights: Floats | None = None,
) -> tuple[NDArray[np.float32], float]:
    """L2 logistic regression by L-BFGS; returns (weights, intercept). `strength` is the inverse penalty."""
    signs = np.where(is_positive, 1, -1).astype(np.float32)
    transposed = features.T.tocsr()
    sample = np.ones(len(signs), np.float32) if weights is None else weights.astype(np.float32)

    def loss(w: Single) -> tuple[float, Single]:
        margin = signs * (features @ w[:-1] + w[-1])
        fading = np.exp(-np.abs(margin))
        slope = -sample * signs * np.where(margin > 0, fading, 1) / (1 + fading)
        value = sample @ (np.maximum(-margin, 0) + np.log1p(fading)) + 0.5 / strength * (w[:-1] @ w[:-1])
        return float(value), np.append(transposed @ slope + w[:-1] / np.float32(strength), slope.sum())

    best = _lowest(loss, np.zeros(features.shape[1] + 1, np.float32), rounds)
    return best[:-1], float(best[-1])


def _lowest(
    loss: Callable[[Single], tuple[float, Single]], start: Single, rounds: int, memory: int = 8
) -> Single:
    """The lowest point of a smooth `loss` (value, slope) after at most so many rounds of L-BFGS (Nocedal 1980).

    Single precision: a third of the time of SciPy's, which matters with millions of weights.
    """
    point, (value, slope) = start, loss(start)
    steps: list[tuple[Single, Single, float]] = []
    for _ in range(rounds):
        way = _downhill(slope, steps)
        descent, size = float(way @ slope), 1.0
        while True:
            there = point + np.float32(size) * way
            lower, its_slope = loss(there)
            if lower <= value + 1e-4 * size * descent or size < 1e-5:
                break
            size *= 0.4
        step, turn = there - point, its_slope - slope
        bend = float(step @ turn)
        if bend > 1e-12:
            steps = [*steps[1 - memory :], (step, turn, bend)]
        gained, (point, value, slope) = value - lower, (there, lower, its_slope)
        if gained <= 1e-6 * abs(value):
            break
    return point


def _downhill(slope: Single, steps: Sequence[tuple[Single, Single, float]]) -> Single:
    """Against the slope, corrected by what the last steps told of the curvature."""
    way = -slope
    if not steps:
        return np.asarray(way / np.float32(max(float(np.linalg.norm(slope)), 1e-9)))
    shares = []
    for step, turn, bend in reversed(steps):
        share = float(step @ way) / bend
        shares.append(share)
        way -= np.float32(share) * turn
    _, turn, bend = steps[-1]
    way *= np.float32(bend / float(turn @ turn))
    for (step, turn, bend), share in zip(steps, reversed(shares), strict=True):
        way += np.float32(share - float(turn @ way) / bend) * step
    return way


def platt(scores: Floats, is_positive: NDArray[np.bool_]) -> tuple[float, float]:
    """(slope, shift) such that sigmoid(slope·score + shift) is calibrated on these out-of-fold scores."""
    signs = np.where(is_positive, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = signs * (w[0] * scores + w[1])
        slope = -signs / (1 + np.exp(np.minimum(margin, 500)))
        return float(np.logaddexp(0, -margin).sum()), np.array([slope @ scores, slope.sum()])

    slope, shift = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope), float(shift)
