"""What marked passages teach: which clauses speak of an aspect. Pure; NumPy only.

A text that speaks of an aspect speaks of other things as well, and its n-grams alone do not tell which are which. Where
staff marked the passages, clauses are told apart instead of texts: those marked, and the passage itself, against the
others of the same texts and of texts that nobody corrected. `benchmarks.sentiment_passages` measures what that gains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.engine import Channel
from socialcrm.sentiment.learning.layer import FOUND
from socialcrm.sentiment.learning.lessons import Answer, Lesson, Place
from socialcrm.sentiment.mood import sigmoid

#: An aspect is learned clause by clause from so many marked passages on.
LEAST_MARKED = 5
#: What a marked clause or passage counts beside a clause that was not marked.
_MARKED_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Example:
    """A passage as folded `codes`: the engine's log-odds `score`, what is to be learned, and the lesson's place among them."""

    codes: NDArray[np.uint32]
    channel: Channel
    score: float
    target: float
    weight: float
    lesson: int


def learned_by_passages(lessons: Sequence[Lesson]) -> list[str]:
    """The aspects of which enough passages are marked, by name."""
    marked = Counter(
        name for each in lessons for name in each.spans if each.aspects.get(name, "absent") != "absent"
    )
    return sorted(name for name, count in marked.items() if count >= LEAST_MARKED)


def passages_told(aspect: str, lessons: Sequence[Lesson], read: Sequence[Answer]) -> list[Example]:
    """The clauses and marked passages of the lessons that say something of the aspect.

    A text said to hold it without a mark teaches as a whole, unless the engine itself finds the clause.
    """
    return [
        example
        for number, (lesson, answer) in enumerate(zip(lessons, read, strict=True))
        if aspect in lesson.aspects
        for example in _of_lesson(aspect, number, lesson.aspects[aspect] != "absent", answer)
    ]


def _of_lesson(aspect: str, number: int, is_there: bool, answer: Answer) -> list[Example]:
    marked = answer.marked.get(aspect)
    if not is_there:
        return [_example(aspect, answer, each, 0.0, number) for each in answer.clauses]
    if marked is None:
        found = [each for each in answer.clauses if aspect in each.aspects]
        whole = Place(0, len(answer.codes))
        return [_example(aspect, answer, each, 1.0, number) for each in found or [whole]]
    # Staff mark one passage and others may speak of the aspect as well: an unmarked clause stays as likely as it was.
    own = [
        _example(aspect, answer, each, 1.0 if each.overlaps(marked) else None, number)
        for each in answer.clauses
    ]
    return [*own, _example(aspect, answer, marked, 1.0, number)]


def passages_left(aspect: str, read: Sequence[Answer]) -> list[Example]:
    """The clauses of texts that nobody corrected: that they stay."""
    return [
        _example(aspect, answer, each, None, number)
        for number, answer in enumerate(read)
        for each in answer.clauses
    ]


def _example(aspect: str, answer: Answer, place: Place, target: float | None, number: int) -> Example:
    """One passage; without a target it stays as the engine has it."""
    score = FOUND if aspect in place.aspects else -FOUND
    return Example(
        answer.codes[place.start : place.end],
        answer.channel,
        score,
        sigmoid(score) if target is None else target,
        _MARKED_WEIGHT if target == 1.0 else 1.0,
        number,
    )
