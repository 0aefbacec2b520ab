"""Score every labelled text by experts that have not seen it, and measure the whole engine so. Training time only.

Of the texts a fold is left out, of the written sentences what one author wrote: what they teach must help with another's.
Folds are fitted side by side, one a processor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.card import figures
from socialcrm.sentiment.corpus import Example, folds_of, split, written
from socialcrm.sentiment.joining import Unseen, challenged, fit_join, scored, sentences_of, together
from socialcrm.sentiment.material import Material
from socialcrm.sentiment.training import SEED, train_experts

FOLDS = 10
HELD_OUT = 0.08  # where one split must do: of the domains that are left when one is left out
_AT_ONCE = 4  # processes at most, three gigabytes each
_LAST_AUTHOR = max(each.author for each in written())
Tell = Callable[[str], None]
Task = TypeVar("Task")
Result = TypeVar("Result")


class Fold(NamedTuple):
    """Texts as experts score them who have not seen them: a fold's, one author's, the challenge's tuning and testing half."""

    texts: Unseen
    author: int
    sentences: Unseen
    tune: Unseen
    test: Unseen


def scored_folds(material: Material, tell: Tell, features: int) -> list[Fold]:
    """All folds, in order."""
    folds = []
    for number, fold in enumerate(_side_by_side(_scored_fold, material, features, range(FOLDS)), 1):
        tell(f"fold {number} of {FOLDS} scored by experts that learned from the others")
        folds.append(fold)
    return folds


def _scored_fold(material: Material, features: int, number: int) -> Fold:
    dealt = folds_of([(each.domain, each.label) for each in material.examples], FOLDS, SEED)
    rest = [each for each, own in zip(material.examples, dealt, strict=True) if own != number]
    there = [each for each, own in zip(material.examples, dealt, strict=True) if own == number]
    author = number % (_LAST_AUTHOR + 1)
    experts = train_experts(material.of(rest, author), lambda _: None, features)
    known = material.domains, material.channels
    return Fold(
        scored(experts, there, *known),
        author,
        sentences_of(experts, author, *known),
        challenged(experts, "tune", *known),
        challenged(experts, "test", *known),
    )


def cross_fitted_figures(folds: Sequence[Fold]) -> dict[str, Any]:
    """Figures per domain out of fold; calibration and trees are fitted on the other folds and authors each time."""
    positive, guessed, right, by_author = [], [], [], []
    for fold in folds:
        others = [each for each in folds if each is not fold]
        hard = [each.sentences for each in others if each.author != fold.author]
        join = fit_join(
            together([each.texts for each in others]), together([*hard, *(each.tune for each in others)])
        )
        positive.append(_chances(join.answers(fold.texts)))
        guessed.append(_chances(join.answers(fold.texts, guessed=True)))
        right.append((join.answers(fold.test, guessed=True) > 0) == fold.test.is_positive)
        by_author.append((join.answers(fold.sentences, guessed=True) > 0) == fold.sentences.is_positive)
    whole = together([each.texts for each in folds])
    truth = whole.is_positive
    of = {name: whole.domain == name for name in whole.experts}
    by_channel_given, by_channel_guessed = np.concatenate(positive), np.concatenate(guessed)
    phenomena = np.concatenate([each.sentences.domain for each in folds])
    return {
        "held_out": {name: figures(by_channel_given[own], truth[own]) for name, own in of.items()},
        "guessed": {name: figures(by_channel_guessed[own], truth[own]) for name, own in of.items()},
        "all": figures(by_channel_given, truth),
        "challenge_test": _by_phenomenon(folds[0].test.domain, np.mean(right, axis=0)),
        "written": _by_phenomenon(phenomena, np.concatenate(by_author)),
    }


def _chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-scores))


def _by_phenomenon(phenomena: NDArray[np.str_], right: NDArray[Any]) -> dict[str, float]:
    """Share of right answers, of `right` [sentences], by phenomenon."""
    is_negation = np.char.find(phenomena, "negation") >= 0
    shares = {"whole": right.mean(), "all_negation": right[is_negation].mean()}
    shares |= {name: right[phenomena == name].mean() for name in dict.fromkeys(phenomena.tolist())}
    return {name: round(float(share), 4) for name, share in shares.items()}


def leave_one_out(
    examples: Sequence[Example], material: Material, tell: Tell, features: int
) -> dict[str, Any]:
    """Figures on each domain of a model that never saw that domain; the channel is guessed from the text."""
    names = sorted({each.domain for each in examples})
    found = {}
    for name, own in zip(names, _side_by_side(_unseen, (examples, material), features, names), strict=True):
        found[name] = own
        tell(f"{name} unseen: {own['accuracy']:.1%}")
    return found


def _unseen(base: tuple[Sequence[Example], Material], features: int, name: str) -> dict[str, Any]:
    examples, material = base
    rest, held_out = split([each for each in examples if each.domain != name], HELD_OUT, SEED)
    experts = train_experts(material.of(rest, _LAST_AUTHOR), lambda _: None, features)
    known = experts.domains, experts.channels
    hard = together([sentences_of(experts, _LAST_AUTHOR, *known), challenged(experts, "tune", *known)])
    join = fit_join(scored(experts, held_out, *known), hard)
    own = [each for each in examples if each.domain == name and each.label != 2]
    scores = join.answers(scored(experts, own, *known), guessed=True)
    return figures(_chances(scores), np.array([each.label == 1 for each in own]))


_held: dict[str, Any] = {}


def _side_by_side(
    work: Callable[[Any, int, Task], Result], base: Any, features: int, tasks: Iterable[Task]
) -> Iterator[Result]:
    """`work(base, features, task)` of each task, in order, in as many processes as there are processors."""
    tasks = list(tasks)
    processes = min(os.cpu_count() or 1, _AT_ONCE, len(tasks))
    with ProcessPoolExecutor(processes, initializer=_hold, initargs=(work, base, features)) as pool:
        yield from pool.map(_work_on, tasks)


def _hold(work: Any, base: Any, features: int) -> None:
    _held.update(work=work, base=base, features=features)


def _work_on(task: Any) -> Any:
    return _held["work"](_held["base"], _held["features"], task)
