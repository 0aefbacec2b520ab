"""Fit one residual: regularised logistic regression on top of fixed log-odds, targets between 0 and 1. NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from socialcrm.sentiment.learning.features import SLOTS, scale_of, slots_of
from socialcrm.sentiment.learning.layer import CERTAIN, Residual

Floats = NDArray[np.float64]

#: A slope reaches as far as a constant of twice its size.
_SLOPE_PENALTY = 4.0
_ROUNDS = 30
#: Weights below this share of the largest change no answer that anybody would see.
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Design:
    """Texts as features: n-grams [texts, SLOTS], which channel each came by, and the engine's log-odds to build on."""

    ngrams: sp.csr_matrix
    channels: tuple[str, ...]
    scores: Floats

    def rows(self, chosen: NDArray[np.intp]) -> Design:
        """Some of the texts."""
        return Design(self.ngrams[chosen], tuple(self.channels[each] for each in chosen), self.scores[chosen])

    def on(self, scores: Floats) -> Design:
        """The same texts with other log-odds to build on."""
        return Design(self.ngrams, self.channels, scores)

    @property
    def biases(self) -> Floats:
        """[texts, 2 · (1 + channels)]: one and the held score, for all and for each channel."""
        held = np.clip(self.scores, -CERTAIN, CERTAIN)
        own = [np.array([each == name for each in self.channels], dtype=float) for name in names(self)]
        parts = [np.ones_like(held), held, *(part for each in own for part in (each, each * held))]
        return np.stack(parts, axis=1)


def names(design: Design) -> list[str]:
    """The channels that occur, in a fixed order."""
    return sorted(set(design.channels))


def ngram_matrix(codes: Sequence[NDArray[np.uint32]], channels: Sequence[str]) -> sp.csr_matrix:
    """The n-grams of folded texts as a layer weighs them [texts, SLOTS]."""
    rows, columns = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    values = [np.zeros(0)]
    for index, (own, channel) in enumerate(zip(codes, channels, strict=True)):
        slots = [each.ravel() for each in slots_of(own, channel)] or [np.zeros(0, dtype=np.int64)]
        column = np.concatenate(slots)
        rows.append(np.full(len(column), index))
        columns.append(column)
        values.append(np.full(len(column), scale_of(own)))
    places = (np.concatenate(rows), np.concatenate(columns))
    matrix = sp.csr_matrix((np.concatenate(values), places), shape=(len(codes), SLOTS))
    matrix.sum_duplicates()
    return matrix


def fit(design: Design, targets: Floats, sample: Floats, penalty: float, bias_penalty: float) -> Residual:
    """The residual that takes the design's scores closest to the targets.

    `penalty` holds the n-gram weights small, `bias_penalty` the constants and slopes: the engine's own scale is
    trusted until several texts say otherwise.
    """
    biases, ngrams = design.biases, design.ngrams
    transposed = ngrams.T.tocsr()
    count = biases.shape[1]
    held = np.concatenate(
        [bias_penalty * np.tile([1.0, _SLOPE_PENALTY], count // 2), np.full(SLOTS, penalty)]
    )

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = design.scores + biases @ w[:count] + ngrams @ w[count:]
        chance = 1 / (1 + np.exp(-np.clip(margin, -500, 500)))
        slope = sample * (chance - targets)
        value = sample @ (np.logaddexp(0, margin) - targets * margin) + 0.5 * held @ (w * w)
        return float(value), np.concatenate([biases.T @ slope, transposed @ slope]) + held * w

    start = np.zeros(count + SLOTS)
    w = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS, "maxcor": 6}).x
    weights = w[count:].copy()
    weights[np.abs(weights) < _LEAST * max(float(np.abs(weights).max()), 1e-9)] = 0.0
    own = ["", *names(design)]
    return Residual(
        {name: round(float(w[2 * at]), 6) for at, name in enumerate(own)},
        {name: round(float(w[2 * at + 1]), 6) for at, name in enumerate(own)},
        # What is stored is what was measured: rounded once, here.
        weights.astype(np.float16).astype(np.float32),
    )


def applied(residual: Residual, design: Design) -> Floats:
    """The log-odds after the residual, as the engine will compute them [texts]."""
    biases = np.array(
        [
            residual.bias(score, channel)
            for score, channel in zip(design.scores.tolist(), design.channels, strict=True)
        ]
    )
    return np.asarray(design.scores + biases + design.ngrams @ residual.weights.astype(np.float64))
