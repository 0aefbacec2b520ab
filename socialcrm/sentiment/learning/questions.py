"""The questions a layer answers, each as numbers: what the engine says, what staff said, what counts as right. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.learning.layer import FOUND
from socialcrm.sentiment.learning.lessons import Answer, Lesson
from socialcrm.sentiment.mood import sigmoid

Floats = NDArray[np.float64]

#: A question is learned only from this many lessons on.
LEAST = 5
#: What a lesson "neutral" counts for the polarity's log-odds, which it draws to zero.
_NEUTRAL_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """One residual to fit: `name` as in `Layer.residuals`; `rows` are the lessons that say something of it."""

    name: str
    rows: NDArray[np.intp]
    targets: Floats
    sample: Floats


def questions_of(lessons: Sequence[Lesson], by_passage: Collection[str] = ()) -> list[Question]:
    """Every question about whole texts with enough lessons, polarity first; whether aspects `by_passage` are there is none."""
    aspects = sorted({name for each in lessons for name in each.aspects})
    asked = [_polarity(lessons), _neutral(lessons), _complaint(lessons)]
    for aspect in aspects:
        if aspect in by_passage:
            asked.append(_said(lessons, aspect, "said_there"))
        else:
            asked += [_present(lessons, aspect), _said(lessons, aspect)]
    return [each for each in asked if len(each.rows) >= LEAST]


def base_scores(name: str, answers: Sequence[Answer]) -> Floats:
    """The engine's own log-odds on a question, per text."""
    kind, _, aspect = name.partition(":")
    if kind == "present":
        return np.array([FOUND if aspect in each.aspects else -FOUND for each in answers])
    if kind in ("said", "said_there"):
        return np.array([each.aspects.get(aspect, each.polarity) for each in answers])
    return np.array([float(getattr(each, kind)) for each in answers])


def is_right(name: str, targets: Floats, scores: Floats) -> NDArray[np.bool_]:
    """Which log-odds give the side that staff said; a target of one half counts for nothing here."""
    return np.asarray((scores > 0) == (targets > 0.5)) & (targets != 0.5)


def side(polarity: float, neutral: float) -> str:
    """What the engine would call a text of these log-odds, unsure ones by their sign."""
    positive, own = sigmoid(polarity), sigmoid(neutral)
    if own > (1 - own) * max(positive, 1 - positive):
        return "neutral"
    return "positive" if positive >= 0.5 else "negative"


def _question(name: str, told: list[tuple[int, float, float]]) -> Question:
    rows = np.array([row for row, _, _ in told], dtype=np.intp)
    return Question(
        name, rows, np.array([each for _, each, _ in told]), np.array([each for *_, each in told])
    )


def _polarity(lessons: Sequence[Lesson]) -> Question:
    target = {"negative": (0.0, 1.0), "positive": (1.0, 1.0), "neutral": (0.5, _NEUTRAL_WEIGHT)}
    return _question(
        "polarity",
        [(row, *target[each.polarity]) for row, each in enumerate(lessons) if each.polarity is not None],
    )


def _neutral(lessons: Sequence[Lesson]) -> Question:
    """Only where staff called some texts neutral: without any there is nothing to tell apart."""
    told = [
        (row, float(each.polarity == "neutral"), 1.0) for row, each in enumerate(lessons) if each.polarity
    ]
    return _question("neutral", told if sum(target for _, target, _ in told) >= LEAST else [])


def _complaint(lessons: Sequence[Lesson]) -> Question:
    return _question(
        "complaint",
        [(row, float(each.complaint), 1.0) for row, each in enumerate(lessons) if each.complaint is not None],
    )


def _present(lessons: Sequence[Lesson], aspect: str) -> Question:
    return _question(
        f"present:{aspect}",
        [
            (row, float(each.aspects[aspect] != "absent"), 1.0)
            for row, each in enumerate(lessons)
            if aspect in each.aspects
        ],
    )


def _said(lessons: Sequence[Lesson], aspect: str, kind: str = "said") -> Question:
    target = {"negative": 0.0, "positive": 1.0, "neutral": 0.5}
    return _question(
        f"{kind}:{aspect}",
        [
            (row, target[each.aspects[aspect]], 1.0)
            for row, each in enumerate(lessons)
            if each.aspects.get(aspect) in target
        ],
    )
