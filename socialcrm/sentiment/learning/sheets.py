"""What each question is learned from, as numbers: the lessons' part, and what is to stay as it is. Pure; NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment.engine import Channel
from socialcrm.sentiment.learning.fitting import Design, Floats, ngram_matrix
from socialcrm.sentiment.learning.lessons import Answer, Lesson
from socialcrm.sentiment.learning.passages import (
    Example,
    learned_by_passages,
    passages_left,
    passages_told,
)
from socialcrm.sentiment.learning.questions import Question, base_scores, questions_of
from socialcrm.sentiment.mood import sigmoid


@dataclass(frozen=True, slots=True)
class Sheet:
    """One question: the lessons' examples with targets, weights and keys, then the `others`, which `stay` at a chance each."""

    name: str
    own: Design
    targets: Floats
    sample: Floats
    #: The lesson that each example is of, by its key: examples of one lesson are never told apart.
    keys: NDArray[np.int64]
    others: Design
    stay: Floats

    def both(self, chosen: NDArray[np.bool_]) -> Design:
        """The `chosen` examples and all the others."""
        own = self.own.rows(np.flatnonzero(chosen))
        return Design(
            sp.vstack([own.ngrams, self.others.ngrams], format="csr"),
            own.channels + self.others.channels,
            np.concatenate([own.scores, self.others.scores]),
        )


@dataclass(frozen=True, slots=True)
class Read:
    """What the engine answers to the lessons, to texts that nobody corrected, and to our own sentences, which are good or bad."""

    lessons: Sequence[Answer]
    left_alone: Sequence[Answer]
    steady: Sequence[Answer]
    is_good: Sequence[bool]


def sheets_of(lessons: Sequence[Lesson], read: Read) -> list[Sheet]:
    """A sheet for every question with enough lessons, polarity first."""
    by_passage = learned_by_passages(lessons)
    whole = _design(read.lessons)
    others = {name: _design(each) for name, each in (("", read.left_alone), ("steady", read.steady))}
    return [
        _of_texts(question, lessons, read, whole, others) for question in questions_of(lessons, by_passage)
    ] + [_of_passages(aspect, lessons, read) for aspect in by_passage]


def _of_texts(
    question: Question, lessons: Sequence[Lesson], read: Read, whole: Design, others: dict[str, Design]
) -> Sheet:
    rows = question.rows
    own = whole.rows(rows).on(base_scores(question.name, [read.lessons[row] for row in rows]))
    kind, _, aspect = question.name.partition(":")
    if kind == "said_there":
        own = replace(own, ngrams=_passage_ngrams(aspect, [read.lessons[row] for row in rows]))
    left = others[""].on(base_scores(question.name, read.left_alone))
    stay = np.array([sigmoid(score) for score in left.scores.tolist()])
    if question.name in ("polarity", "neutral"):
        # Our own sentences are good or bad, never neutral.
        truth = np.array(read.is_good, dtype=float) * (question.name == "polarity")
        left = _joined(left, others["steady"].on(base_scores(question.name, read.steady)))
        stay = np.concatenate([stay, truth])
    keys = np.array([lessons[row].key for row in rows])
    return Sheet(question.name, own, question.targets, question.sample, keys, left, stay)


def _of_passages(aspect: str, lessons: Sequence[Lesson], read: Read) -> Sheet:
    told = passages_told(aspect, lessons, read.lessons)
    left = passages_left(aspect, read.left_alone)
    return Sheet(
        f"passage:{aspect}",
        _design_of_examples(told),
        np.array([each.target for each in told]),
        np.array([each.weight for each in told]),
        np.array([lessons[each.lesson].key for each in told]),
        _design_of_examples(left),
        np.array([each.target for each in left]),
    )


def _passage_ngrams(aspect: str, read: Sequence[Answer]) -> sp.csr_matrix:
    return ngram_matrix(
        [each.passages.get(aspect, each.codes) for each in read], [each.channel for each in read]
    )


def _design(read: Sequence[Answer]) -> Design:
    channels: list[Channel] = [each.channel for each in read]
    return Design(ngram_matrix([each.codes for each in read], channels), tuple(channels), np.zeros(len(read)))


def _design_of_examples(examples: Sequence[Example]) -> Design:
    channels: list[Channel] = [each.channel for each in examples]
    scores = np.array([each.score for each in examples])
    return Design(ngram_matrix([each.codes for each in examples], channels), tuple(channels), scores)


def _joined(first: Design, second: Design) -> Design:
    return Design(
        sp.vstack([first.ngrams, second.ngrams], format="csr"),
        first.channels + second.channels,
        np.concatenate([first.scores, second.scores]),
    )
