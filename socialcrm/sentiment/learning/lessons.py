"""Lessons: texts with what staff said of them, and what the engine itself says, as numbers to learn from. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import engine
from socialcrm.sentiment.aspects import PARENTS
from socialcrm.sentiment.brand import Brand, pass_over, passage_of, point_at
from socialcrm.sentiment.engine import Channel, Opinion
from socialcrm.sentiment.folding import Folded
from socialcrm.sentiment.model import default_model
from socialcrm.sentiment.mood import logit

#: One lesson in so many is never learned from; what was learned is measured on it.
HOLD_BACK = 5


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text and what staff said of it; None or missing: they said nothing of that. `key` is the opinion's id."""

    key: int
    text: str
    channel: Channel
    polarity: str | None = None
    complaint: bool | None = None
    #: Aspect → negative, neutral, positive or absent.
    aspects: Mapping[str, str] = field(default_factory=dict)
    #: Aspect → the passage that says so, [start, end) in the text, where staff marked it.
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: The passage that shows the polarity, likewise.
    shown_by: tuple[int, int] | None = None

    @property
    def held_back(self) -> bool:
        """Whether it is kept for measuring: the same lessons every time."""
        return self.key * 2654435761 % 2**32 % HOLD_BACK == 0


def with_passages(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons, and each passage that shows a text's polarity as one more: what is said there weighs twice."""
    return [
        *lessons,
        *(
            Lesson(each.key, passage, each.channel, each.polarity)
            for each in lessons
            if each.polarity is not None
            and each.shown_by is not None
            and (passage := each.text[slice(*each.shown_by)]).strip()
        ),
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """A passage at folded [start, end), and the aspects that the engine itself finds in it."""

    start: int
    end: int
    aspects: frozenset[str] = frozenset()

    def overlaps(self, other: Place) -> bool:
        """Whether they share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine (with the brand's words, without a layer) says of a text: whole, and in log-odds; `codes` is it folded.

    `passages` holds, of the aspects that were to be judged where staff marked them, the folded passage.
    """

    codes: NDArray[np.uint32]
    channel: Channel
    polarity: float
    neutral: float
    complaint: float
    aspects: Mapping[str, float]
    opinion: Opinion
    clauses: Sequence[Place]
    marked: Mapping[str, Place] = field(default_factory=dict)
    passages: Mapping[str, NDArray[np.uint32]] = field(default_factory=dict)


def answer(text: str, channel: Channel, brand: Brand) -> Answer:
    """Read one text as the engine does."""
    return answer_to(Lesson(0, text, channel), brand, ())


def answer_to(lesson: Lesson, brand: Brand, by_passage: Collection[str]) -> Answer:
    """Read a lesson's text; the aspects `by_passage` are judged where staff marked them, as a layer will judge them."""
    sight = engine.see(lesson.text, lesson.channel, brand)
    codes = sight.folded.codes[: engine.LONGEST_READ]
    clauses = [
        Place(
            each.start,
            each.end,
            frozenset(
                name
                for own in each.mentions
                if own.judgements and (name := PARENTS.get(own.aspect, own.aspect))
            ),
        )
        for each in sight.reading.clauses
    ]
    marked = {
        name: place
        for name, span in lesson.spans.items()
        if (place := _folded(sight.folded, *span, len(codes)))
    }
    for name in marked.keys() & set(by_passage):
        if lesson.aspects.get(name, "absent") != "absent":
            for clause, place in zip(sight.reading.clauses, clauses, strict=True):
                pass_over(name, clause)
                if place.overlaps(marked[name]):
                    point_at(name, clause, codes)
    opinion = engine.opinion_of(sight, lesson.channel, brand)
    neutral = engine.neutral_chance(sight, default_model().mood_scores(sight.evidence))
    return Answer(
        codes,
        lesson.channel,
        sight.score,
        logit(neutral),
        logit(opinion.complaint),
        {name: logit(each.probability) for name, each in opinion.aspects.items()},
        opinion,
        clauses,
        marked,
        {name: passage_of(name, codes, sight.reading) for name in by_passage if name in opinion.aspects},
    )


def _folded(folded: Folded, start: int, end: int, length: int) -> Place | None:
    """The first `length` folded characters' part of the original [start, end); None where nothing is left of it."""
    places = range(length)
    first = bisect_right(places, start, key=lambda at: folded.span(at, at + 1)[1])
    last = bisect_left(places, end, key=lambda at: folded.span(at, at + 1)[0])
    return Place(first, last) if first < last else None


def answers(
    lessons: Sequence[Lesson], brand: Brand, by_passage: Collection[str], tell: Callable[[int], None]
) -> list[Answer]:
    """`answer_to` each lesson; `tell` hears how many are read, every hundred."""
    read: list[Answer] = []
    for lesson in lessons:
        read.append(answer_to(lesson, brand, by_passage))
        if len(read) % 100 == 0:
            tell(len(read))
    return read
