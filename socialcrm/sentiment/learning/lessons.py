"""Lessons: texts with what staff said of them, and what the engine itself says, as numbers to learn from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import engine
from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.engine import Channel, Opinion
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

    @property
    def held_back(self) -> bool:
        """Whether it is kept for measuring: the same lessons every time."""
        return self.key * 2654435761 % 2**32 % HOLD_BACK == 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine (with the brand's words, without a layer) says of a text: whole, and in log-odds; `codes` is it folded."""

    codes: NDArray[np.uint32]
    channel: Channel
    polarity: float
    neutral: float
    complaint: float
    aspects: Mapping[str, float]
    opinion: Opinion


def answer(text: str, channel: Channel, brand: Brand) -> Answer:
    """Read one text as the engine does."""
    sight = engine.see(text, channel, brand)
    opinion = engine.opinion_of(sight, channel, brand)
    model = default_model()
    neutral = engine.neutral_chance(
        sight, model.mood_scores(sight.evidence), model.share_of(sight.evidence, "post")
    )
    return Answer(
        sight.folded.codes[: engine.LONGEST_READ],
        channel,
        sight.score,
        logit(neutral),
        logit(opinion.complaint),
        {name: logit(each.probability) for name, each in opinion.aspects.items()},
        opinion,
    )


def answers(
    texts: Iterable[tuple[str, Channel]], brand: Brand, tell: Callable[[int], None] | None = None
) -> list[Answer]:
    """`answer` of each (text, channel); `tell` hears how many are read, every hundred."""
    read: list[Answer] = []
    for text, channel in texts:
        read.append(answer(text, channel, brand))
        if tell is not None and len(read) % 100 == 0:
            tell(len(read))
    return read
