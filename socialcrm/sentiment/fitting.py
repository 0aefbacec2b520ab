"""Fitting of the linear models: n-gram counts, naive-Bayes ratios, logistic regression, calibration. Training time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.kernel import LONGEST, buffer_of, hashes, ngram_total

Floats = NDArray[np.float64]


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


def frequent_keys(texts: Sequence[str], at_least: int) -> NDArray[np.uint32]:
    """Sorted hashes of n-grams that occur in at least `at_least` texts."""
    per_text = [np.unique(ngram_keys(text)) for text in texts]
    keys, counts = np.unique(np.concatenate(per_text), return_counts=True)
    return keys[counts >= at_least]


def normalised(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Each row divided by the root of its total, as the engine does."""
    totals = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    return sp.csr_matrix(sp.diags((totals**-0.5).astype(np.float32)) @ counts)


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
    signs = np.where(is_positive, 1.0, -1.0)
    transposed = features.T.tocsr()
    sample = np.ones(len(signs)) if weights is None else weights

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = signs * (features @ w[:-1].astype(features.dtype) + w[-1])
        slope = -sample * signs / (1 + np.exp(np.minimum(margin, 500)))
        value = sample @ np.logaddexp(0, -margin) + 0.5 / strength * (w[:-1] @ w[:-1])
        return float(value), np.append(
            transposed @ slope.astype(features.dtype) + w[:-1] / strength, slope.sum()
        )

    start = np.zeros(features.shape[1] + 1)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6}).x
    return best[:-1].astype(np.float32), float(best[-1])


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that share one set of weights: features, truth, and the weight of each text."""

    features: sp.csr_matrix
    is_positive: NDArray[np.bool_]
    sample: Floats


def grouped_logistic(
    groups: Sequence[Group],
    members: NDArray[np.float32],
    ratios: NDArray[np.float32],
    strength: float,
    rounds: int,
) -> tuple[NDArray[np.float32], float]:
    """Logistic regression in which a group's weights are a sum of parts; returns (weights [groups, keys], intercept).

    `members` [parts, groups] is the size with which a part enters a group (0: not), `ratios` [parts, keys] scale
    its features. Each part is penalised on its own, so what groups share is learned once.
    """
    signs = [np.where(group.is_positive, 1.0, -1.0) for group in groups]
    transposed = [group.features.T.tocsr() for group in groups]
    shape = ratios.shape

    def of_groups(parts: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(members.T @ (parts * ratios), dtype=np.float32)

    def loss(w: Floats) -> tuple[float, Floats]:
        weights = of_groups(w[:-1].reshape(shape).astype(np.float32))
        value, shift = 0.5 / strength * (w[:-1] @ w[:-1]), 0.0
        slopes = np.empty_like(weights)
        for index, group in enumerate(groups):
            margin = signs[index] * (group.features @ weights[index] + w[-1])
            slope = -group.sample * signs[index] / (1 + np.exp(np.minimum(margin, 500)))
            value += group.sample @ np.logaddexp(0, -margin)
            shift += slope.sum()
            slopes[index] = transposed[index] @ slope.astype(np.float32)
        by_part = (members @ slopes) * ratios
        return float(value), np.append(by_part.ravel() + w[:-1] / strength, shift)

    best = minimize(
        loss, np.zeros(ratios.size + 1), jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6}
    ).x
    return of_groups(best[:-1].reshape(shape).astype(np.float32)), float(best[-1])


def platt(scores: Floats, is_positive: NDArray[np.bool_]) -> tuple[float, float]:
    """(slope, shift) such that sigmoid(slope·score + shift) is calibrated on these out-of-fold scores."""
    signs = np.where(is_positive, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = signs * (w[0] * scores + w[1])
        slope = -signs / (1 + np.exp(np.minimum(margin, 500)))
        return float(np.logaddexp(0, -margin).sum()), np.array([slope @ scores, slope.sum()])

    slope, shift = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope), float(shift)
