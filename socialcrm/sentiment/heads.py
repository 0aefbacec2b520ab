"""Train the further heads of the model: neutral, emotions, dissatisfied dialogues, aspects of whole texts. Training time only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment import made_up, service
from socialcrm.sentiment.corpus import Example, read_rows
from socialcrm.sentiment.fitting import (
    Floats,
    bayes_ratios,
    by_length,
    counted,
    logistic,
)
from socialcrm.sentiment.model import Model

_EMOTION_OF = {
    "angry": "愤怒",
    "anger": "愤怒",
    "disgust": "失望",
    "sad": "悲伤",
    "sadness": "悲伤",
    "fear": "焦虑",
    "happy": "满意",
    "happiness": "满意",
    "like": "满意",
}
NEUTRAL, DISSATISFIED = "neutral", service.HEAD
_FOLDS = 3
_STRENGTH = 8.0


@dataclass(frozen=True, slots=True)
class Task:
    """A yes/no question over `texts`; one head answers it."""

    name: str
    texts: list[str]
    is_true: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted head: weights over sorted `keys`, and its out-of-fold scores on its own task."""

    name: str
    keys: NDArray[np.uint32]
    weights: NDArray[np.float32]
    intercept: float
    out_of_fold: Floats


def mood_tasks(examples: Sequence[Example]) -> list[Task]:
    """Neutral or not (made-up turns of a service chat too), and each emotion or not, over the texts whose source marks it."""
    marked = [each for each in examples if each.emotion in (*_EMOTION_OF, "neutral")]
    with_neutral = {each.domain for each in marked if each.emotion == "neutral"}
    neutral = [each for each in marked if each.domain in with_neutral]
    turns = made_up.service_turns()
    tasks = [
        _task(
            NEUTRAL,
            [each.text for each in neutral] + [text for text, _ in turns],
            [each.label == 2 for each in neutral] + [label == made_up.NEUTRAL for _, label in turns],
        )
    ]
    for emotion in dict.fromkeys(_EMOTION_OF.values()):
        truth = [_EMOTION_OF.get(each.emotion) == emotion for each in marked]
        tasks.append(_task(emotion, [each.text for each in marked], truth))
    return [task for task in tasks if task.is_true.any()]


def dialogue_task(folders: Iterable[Path], column: str = "S", below: float = -0.5) -> Task | None:
    """Dissatisfied or not, from every file with a satisfaction column; None without such a file."""
    rows = [row for path in _files(folders) for row in read_rows(path) if column in row]
    if not rows:
        return None
    return _task(DISSATISFIED, [row["text"] for row in rows], [float(row[column]) <= below for row in rows])


def _files(folders: Iterable[Path]) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob("*.tsv"))]


def _task(name: str, texts: list[str], is_true: Sequence[bool]) -> Task:
    return Task(name, texts, np.array(is_true, dtype=bool))


def train_heads(tasks: Sequence[Task], tell: Callable[[str], None], at_least: int = 3) -> list[Head]:
    """Fit a head per task, each on its naive-Bayes scaled n-grams, with out-of-fold scores beside."""
    heads = []
    seen: dict[int, tuple[list[str], NDArray[np.uint32], sp.csr_matrix, sp.csr_matrix]] = {}
    for task in tasks:
        tell(f"fitting the head {task.name} on {len(task.texts):,} texts")
        kept = seen.get(len(task.texts))
        if kept is None or kept[0] != task.texts:
            keys, counts = counted(task.texts, at_least)
            kept = seen[len(task.texts)] = (task.texts, keys, counts, by_length(counts, task.texts))
        heads.append(_fit(task, *kept[1:]))
    return heads


def _fit(task: Task, keys: NDArray[np.uint32], counts: sp.csr_matrix, features: sp.csr_matrix) -> Head:
    folds = np.random.default_rng(3).integers(0, _FOLDS, len(task.texts))
    out_of_fold = np.zeros(len(task.texts))
    for number in range(_FOLDS):
        own, rest = np.flatnonzero(folds == number), np.flatnonzero(folds != number)
        weights, intercept = _fit_part(counts[rest], features[rest], task.is_true[rest])
        out_of_fold[own] = features[own] @ weights + intercept
    weights, intercept = _fit_part(counts, features, task.is_true)
    return Head(task.name, keys, weights, intercept, out_of_fold)


def _fit_part(
    counts: sp.csr_matrix, features: sp.csr_matrix, is_true: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], float]:
    ratios = bayes_ratios(counts, is_true)
    weights, intercept = logistic(sp.csr_matrix(features @ sp.diags(ratios)), is_true, _STRENGTH, rounds=30)
    return weights * ratios, intercept


def service_joint(task: Task, out_of_fold: Floats, trained: Model) -> dict[str, Any]:
    """Weights of `service.traits` for the dialogues of `task`; the head's own score is taken out of fold."""
    traits = np.array([service.traits(text, trained) for text in task.texts])
    traits[:, 0] = out_of_fold
    weights, intercept = logistic(sp.csr_matrix(traits), task.is_true, 1.0, rounds=300)
    return {"weights": [round(float(each), 4) for each in weights], "intercept": round(intercept, 4)}
