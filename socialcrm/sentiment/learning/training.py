"""Teach a layer from lessons, and decide whether it may be used. Pure; NumPy and SciPy.

A question of the layer (polarity, neutral, complaint, each aspect) is kept when it gains on lessons out of fold. The
whole is accepted when it falls neither on the frozen set nor on the lessons held back, and does not turn texts that
nobody corrected by the dozen. Staff correct what is wrong, so the texts they left alone teach too: that they stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import engine
from socialcrm.sentiment.agreement import COMPLAINT_FROM
from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import Channel, Opinion
from socialcrm.sentiment.learning.fitting import applied, fit
from socialcrm.sentiment.learning.layer import Layer, Residual, layer_of
from socialcrm.sentiment.learning.lessons import Answer, Lesson, answers, with_passages
from socialcrm.sentiment.learning.passages import learned_by_passages
from socialcrm.sentiment.learning.questions import is_right
from socialcrm.sentiment.learning.sheets import Read, Sheet, sheets_of

FOLDS = 5
#: Lessons below this number teach nothing that could be trusted.
LEAST_LESSONS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """How bold to be: penalties of n-gram weights and of constants and slopes, what everything else together weighs
    beside the lessons, and the share of the result that is used.
    """

    penalty: float
    bias_penalty: float
    others: float
    share: float


#: The boldest first; the first that spoils nothing is taken.
STEPS = (
    Step(0.3, 1.0, 1.0, 1.0),
    Step(0.3, 30.0, 3.0, 1.0),
    Step(1.0, 300.0, 10.0, 1.0),
    Step(1.0, 300.0, 10.0, 0.6),
    Step(3.0, 300.0, 10.0, 0.5),
)
#: The share of the texts that nobody corrected whose side may turn.
MOST_TURNED = 0.15
_HALF_SURE = 0.5

Tell = Callable[[int], None]
LeftAlone = Sequence[tuple[str, Channel]]


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of `n` are right, before and after."""

    n: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Taught:
    """A layer and what speaks for it; `reason` is empty when it may be used, else why not."""

    layer: Layer
    reason: str
    lessons: int
    #: question → right out of fold; only the questions that were kept.
    questions: dict[str, Figure]
    frozen: Figure
    held_back: Figure
    #: Texts nobody corrected, and how many of them change sides.
    left_alone: int
    turned: int

    def figures(self) -> dict[str, Any]:
        """The JSON form that a version keeps."""
        return {
            "questions": {name: asdict(each) for name, each in self.questions.items()},
            "frozen": asdict(self.frozen),
            "held_back": asdict(self.held_back),
            "left_alone": self.left_alone,
            "turned": self.turned,
        }


def frozen_set(part: str, channels: Sequence[Channel]) -> list[tuple[str, Channel, bool]]:
    """(text, channel, is positive) of our own sentences: "tune" may steady a layer, "test" only judges it.

    Each of them by every channel that lessons came by: a layer must not spoil in one what it is not tried on.
    """
    return [(text, channel, label == 1) for channel in channels for text, _, label in challenge(part)]


def teach(
    lessons: Sequence[Lesson], left_alone: LeftAlone, brand: Brand, number: int, tell: Tell = lambda _: None
) -> Taught:
    """The layer `number` learned on top of `brand` without its layer; `tell` hears the progress, 0 … 100."""
    brand = _with_layer(brand, None)
    base = engine.analyse("").model_version
    own = [each for each in lessons if not each.held_back]
    if len(own) < LEAST_LESSONS:
        return _refused(layer_of(number, base, {}), "too_few", len(own))
    count, own = len(own), with_passages(own)
    channels = sorted({each.channel for each in lessons})
    exam = _Exam([each for each in lessons if each.held_back], left_alone, channels, brand)
    exam.read_before(lambda done: tell(done // 4))
    steady = frozen_set("tune", channels)
    texts = [*own, *(Lesson(0, text, channel) for text, channel, _ in steady)]
    read = answers(texts, brand, learned_by_passages(own), lambda done: tell(25 + 35 * done // len(texts)))
    sheets = sheets_of(
        own, Read(read[: len(own)], exam.left_alone, read[len(own) :], [is_good for *_, is_good in steady])
    )
    taught: Taught | None = None
    for number_of_step, step in enumerate(STEPS):
        residuals, figures = learn_sheets(sheets, step, partial(tell, 60 + 8 * number_of_step))
        if taught is not None and not figures:
            # So cautious a layer gains nothing; what speaks against a bolder one is the answer.
            break
        taught = exam.take(layer_of(number, base, residuals), figures, count)
        if not taught.reason:
            break
    assert taught is not None
    return taught


def learn_sheets(
    sheets: Sequence[Sheet], step: Step, breathe: Callable[[], None]
) -> tuple[dict[str, Residual], dict[str, Figure]]:
    """The residuals that gain out of fold, and by how much; `breathe` is called before each question."""
    residuals, figures = {}, {}
    for sheet in sheets:
        breathe()
        figure = _out_of_fold(sheet, step)
        if figure.after > figure.before:
            everything = np.ones(len(sheet.keys), dtype=bool)
            residuals[sheet.name] = _fit(sheet, step, everything)
            figures[sheet.name] = figure
    return residuals, figures


def _out_of_fold(sheet: Sheet, step: Step) -> Figure:
    scores = sheet.own.scores
    after = scores.copy()
    folds = sheet.keys % FOLDS
    for number in np.unique(folds):
        own = np.flatnonzero(folds == number)
        after[own] = applied(_fit(sheet, step, folds != number), sheet.own.rows(own))
    before = is_right(sheet.name, sheet.targets, scores)
    right = is_right(sheet.name, sheet.targets, after)
    return Figure(int((sheet.targets != 0.5).sum()), int(before.sum()), int(right.sum()))


def _fit(sheet: Sheet, step: Step, chosen: NDArray[np.bool_]) -> Residual:
    """A residual from the `chosen` examples and the others, that they stay."""
    sample, count = sheet.sample[chosen], len(sheet.stay)
    weight = min(step.others * float(sample.sum()) / max(count, 1), 1.0)
    residual = fit(
        sheet.both(chosen),
        np.concatenate([sheet.targets[chosen], sheet.stay]),
        np.concatenate([sample, np.full(count, weight)]),
        step.penalty,
        step.bias_penalty,
    )
    return residual.scaled(step.share)


def _with_layer(brand: Brand, layer: Layer | None) -> Brand:
    return Brand(brand.lexicon, "", brand.own, brand.muted, brand.aspects, layer)


def _refused(layer: Layer, reason: str, lessons: int) -> Taught:
    nothing = Figure(0, 0, 0)
    return Taught(layer, reason, lessons, {}, nothing, nothing, 0, 0)


class _Exam:
    """What a layer must not spoil: the frozen set, the lessons held back, the texts left alone."""

    def __init__(
        self, held_back: Sequence[Lesson], left_alone: LeftAlone, channels: Sequence[Channel], brand: Brand
    ) -> None:
        self.held_back = held_back
        self.frozen = frozen_set("test", channels)
        self.brand = brand
        self.texts = [
            *(Lesson(0, text, channel) for text, channel in left_alone),
            *held_back,
            *(Lesson(0, text, channel) for text, channel, _ in self.frozen),
        ]
        self.count = len(left_alone)
        self.before: list[Answer] = []

    @property
    def left_alone(self) -> list[Answer]:
        """What the engine says of the texts that nobody corrected."""
        return self.before[: self.count]

    def read_before(self, tell: Tell) -> None:
        """Read every text without a layer; `tell` hears 0 … 100."""
        self.before = answers(self.texts, self.brand, (), lambda done: tell(100 * done // len(self.texts)))

    def take(self, layer: Layer, questions: dict[str, Figure], lessons: int) -> Taught:
        """The layer's figures by the engine itself, and the first reason against it."""
        before = [each.opinion for each in self.before]
        after = self._after(_with_layer(self.brand, layer), before) if questions else before
        frozen = Figure(len(self.frozen), self._frozen_right(before), self._frozen_right(after))
        total = sum(len(marks(*pair)) for pair in self._pairs(before))
        held_back = Figure(total, self._held_back_right(before), self._held_back_right(after))
        turned = sum(map(_turned, before[: self.count], after[: self.count]))
        reason = _against(questions, frozen, held_back, self.count, turned)
        return Taught(layer, reason, lessons, questions, frozen, held_back, self.count, turned)

    def _after(self, brand: Brand, before: list[Opinion]) -> list[Opinion]:
        """Every text read with the layer; when the frozen set has fallen already, the others as they were."""
        split = len(self.texts) - len(self.frozen)
        frozen = [engine.analyse(each.text, each.channel, brand) for each in self.texts[split:]]
        if self._frozen_right(frozen) < self._frozen_right(before):
            return before[:split] + frozen
        return [engine.analyse(each.text, each.channel, brand) for each in self.texts[:split]] + frozen

    def _frozen_right(self, opinions: Sequence[Opinion]) -> int:
        own = opinions[len(opinions) - len(self.frozen) :]
        return sum(
            _said(each.polarity, each.probability) == ("positive" if is_positive else "negative")
            for each, (*_, is_positive) in zip(own, self.frozen, strict=True)
        )

    def _pairs(self, opinions: Sequence[Opinion]) -> list[tuple[Lesson, Opinion]]:
        own = opinions[self.count : self.count + len(self.held_back)]
        return list(zip(self.held_back, own, strict=True))

    def _held_back_right(self, opinions: Sequence[Opinion]) -> int:
        return sum(sum(marks(*pair)) for pair in self._pairs(opinions))


def _against(
    questions: dict[str, Figure], frozen: Figure, held_back: Figure, left_alone: int, turned: int
) -> str:
    if not questions:
        return "no_gain"
    if frozen.after < frozen.before:
        return "frozen_falls"
    if held_back.after < held_back.before:
        return "held_back_falls"
    return "too_broad" if turned > MOST_TURNED * left_alone else ""


def marks(lesson: Lesson, opinion: Opinion) -> list[bool]:
    """Of each thing that staff said of a text: whether the opinion agrees. "Unsure" counts by its side."""
    marked = []
    if lesson.polarity is not None:
        marked.append(_said(opinion.polarity, opinion.probability) == lesson.polarity)
    if lesson.complaint is not None:
        marked.append((opinion.complaint >= COMPLAINT_FROM) == lesson.complaint)
    for name, said in lesson.aspects.items():
        found = opinion.aspects.get(name)
        marked.append((_said(found.polarity, found.probability) if found else "absent") == said)
        if said != "absent" and name in lesson.spans:
            marked.append(found is not None and _shows(found.spans, *lesson.spans[name]))
    return marked


def _shows(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the spans shares a character with the passage that staff marked."""
    return any(first < end and start < last for first, last in spans)


def _said(polarity: str, probability: float) -> str:
    if polarity != "unsure":
        return polarity
    return "positive" if probability >= _HALF_SURE else "negative"


def _turned(before: Opinion, after: Opinion) -> bool:
    """Whether a text is called something else, neutral included; to and from "unsure" nothing turns."""
    return before.polarity != after.polarity and "unsure" not in (before.polarity, after.polarity)
