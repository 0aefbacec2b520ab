"""Train what is said of an aspect: a head over the passages that speak of it, joined with the rules and the whole text.

Training time only. Examples are the aspects that a file marks −1 or 1; neutral marks are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment import aspects
from socialcrm.sentiment.corpus import read_rows
from socialcrm.sentiment.fitting import Floats, logistic
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.heads import Head, Task
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.model import SAID, Model
from socialcrm.sentiment.reading import read

_KEPT = 12_000  # n-grams of the head
_STRENGTH = 3.0
_MOST_BIAS = 0.5  # how much an aspect is praised in the files says little of another brand's


@dataclass(frozen=True, slots=True)
class Saying:
    """What `whole` says of one aspect in `passage`: the clauses about it, or all of it where no word names the aspect."""

    aspect: str
    whole: str
    passage: str
    rule: float
    is_judged: bool
    is_positive: bool


def sayings(folders: Iterable[Path]) -> list[Saying]:
    """One per text and aspect marked −1 or 1 in the files that have aspect columns."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*.tsv")):
            for row in read_rows(path):
                marks = {
                    aspect: int(row[column]) for column, aspect in aspects.columns().items() if column in row
                }
                if not marks:
                    break
                found += _of_text(row["text"], marks)
    return found


def _of_text(whole: str, marks: dict[str, int]) -> list[Saying]:
    text = fold(whole).text
    passages = aspects.passages(read(text, default_lexicon()))
    found = []
    for aspect, mark in marks.items():
        if mark not in (-1, 1):
            continue
        own = passages.get(aspect, aspects.Passage())
        passage = "".join(text[start:end] for start, end in own.places) or text
        found.append(Saying(aspect, whole, passage, own.rule, own.is_judged, mark > 0))
    return found


def task(items: Sequence[Saying]) -> Task:
    """Positive or not, over the passages."""
    return Task(SAID, [each.passage for each in items], np.array([each.is_positive for each in items]))


def pruned(head: Head) -> Head:
    """The head with its heaviest n-grams only."""
    heaviest = np.sort(np.argsort(-np.abs(head.weights), kind="stable")[:_KEPT])
    return replace(head, keys=head.keys[heaviest], weights=head.weights[heaviest])


def joint(items: Sequence[Saying], out_of_fold: Floats, trained: Model) -> dict[str, Any]:
    """Weights of `aspects.traits` and a bias per aspect: what the engine says of an aspect it found."""
    names = sorted({each.aspect for each in items})
    traits = _traits(items, out_of_fold, trained)
    biases = np.array([[float(each.aspect == name) for name in names] for each in items])
    features = sp.csr_matrix(np.hstack([traits, biases]))
    truth = np.array([each.is_positive for each in items])
    weights, intercept = logistic(features, truth, _STRENGTH, rounds=200)
    width = traits.shape[1]
    return {
        "weights": [round(float(each), 4) for each in weights[:width]],
        "biases": {
            name: round(float(np.clip(each + intercept, -_MOST_BIAS, _MOST_BIAS)), 4)
            for name, each in zip(names, weights[width:], strict=True)
        },
    }


def _traits(items: Sequence[Saying], said: Floats, trained: Model) -> NDArray[np.float64]:
    texts = dict.fromkeys(text for each in items for text in (each.whole, each.passage))
    heard = {text: trained.weigh(fold(text).buffer, "review").score for text in texts}
    rows = [
        aspects.traits(
            aspects.Passage([], each.rule, each.is_judged),
            heard[each.passage],
            heard[each.whole],
            said[index],
        )
        for index, each in enumerate(items)
    ]
    return np.array(rows, dtype=np.float64)
