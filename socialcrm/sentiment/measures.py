"""Measures of a classifier: accuracy, macro F1, AUC, calibration error, accuracy of the most certain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BINS = 15


def accuracy(predicted: NDArray[np.int_], truth: NDArray[np.int_]) -> float:
    """Share of equal labels; 0 for none."""
    return float((predicted == truth).mean()) if len(truth) else 0.0


def macro_f1(predicted: NDArray[np.int_], truth: NDArray[np.int_], labels: Sequence[int]) -> float:
    """Mean F1 over the `labels` that occur in the truth."""
    return float(
        np.mean([f1(predicted == each, truth == each) for each in labels if (truth == each).any()] or [0.0])
    )


def f1(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """F1 of a yes/no decision; 0 when neither says yes."""
    both, either = int((predicted & truth).sum()), int(predicted.sum() + truth.sum())
    return 2 * both / either if either else 0.0


def auc(scores: Floats, truth: NDArray[np.bool_]) -> float:
    """Probability that a true one scores above a false one, ties half; 0.5 when a class is missing."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return 0.5
    _, place, ties = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration(probabilities: Floats, truth: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """(mean probability, share of positives, count) per filled bin of P(positive)."""
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    return [
        (
            float(probabilities[bins == each].mean()),
            float(truth[bins == each].mean()),
            int((bins == each).sum()),
        )
        for each in np.unique(bins)
    ]


def calibration_error(probabilities: Floats, truth: NDArray[np.bool_]) -> float:
    """Expected calibration error: mean distance of probability and share over the bins, weighted by count."""
    return sum(abs(mean - share) * count for mean, share, count in calibration(probabilities, truth)) / max(
        len(truth), 1
    )


def most_certain(probabilities: Floats, share: float) -> NDArray[np.bool_]:
    """Which texts belong to the `share` (0..1) whose probability lies farthest from one half."""
    count = round(len(probabilities) * share)
    chosen = np.zeros(len(probabilities), dtype=bool)
    chosen[np.argsort(-np.abs(probabilities - 0.5), kind="stable")[:count]] = True
    return chosen
