"""Train what finds the aspects of a text: a detector over the whole, one over each clause, and their joint with the rules.

Training time only. A file that shows where an aspect is spoken of (`opinions`) teaches the clauses directly; of one that only
marks the text, the clauses that name the aspect are taken first, then those the detector itself finds most telling
(learning from bags of instances: Andrews, Tsochantaridis and Hofmann 2002).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment import aspects
from socialcrm.sentiment.corpus import read_rows
from socialcrm.sentiment.fitting import Floats, counted_keys, logistic
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.heads import Head, Task
from socialcrm.sentiment.kernel import LONGEST, hashes
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.measures import f1
from socialcrm.sentiment.model import CLAUSE
from socialcrm.sentiment.reading import Clause, read

Columns = dict[str, list[float]]
_AT_LEAST = 3  # clauses that hold an n-gram
_FOLDS = 3
_STRENGTH, _ROUNDS = 20.0, 60
_JOINT_STRENGTH, _JOINT_ROUNDS = 0.5, 200
_NAMED = 0.6  # what a flag counts as, beside n-grams that share a length of one
_BAG_ROUNDS = 2
_KEPT = 4_000  # n-grams of a clause detector
_THRESHOLDS = np.linspace(-1.5, 1.5, 61)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and whether each aspect of its file is there; `shown` holds (target, words, aspect) where the file tells."""

    text: str
    aspects: dict[str, bool]
    shown: list[tuple[str, str, str]] | None


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of `texts`: features [clauses, keys], the text each is of, and what it names."""

    texts: list[Marked]
    own: list[Clause]
    folded: list[str]
    keys: NDArray[np.uint32]
    features: sp.csr_matrix
    owner: NDArray[np.intp]

    def flags(self, aspect: str) -> Floats:
        """[clauses, 2]: whether the rules find the aspect named there, and judged."""
        return np.array([aspects.flags(clause, aspect) for clause in self.own], dtype=np.float64)


def marked(folders: Iterable[Path]) -> list[Marked]:
    """Every text of the files that have aspect columns (−1, 0 or 1: there; −2: not there)."""
    known = aspects.columns()
    found = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.tsv"))):
        for row in read_rows(path):
            marks = {name: -1 <= int(row[column]) <= 1 for column, name in known.items() if column in row}
            if not marks:
                break
            shown = None
            if "opinions" in row:
                shown = [
                    (_words(each[0]), _words(each[1]), known.get(each[2], ""))
                    for each in json.loads(row["opinions"])
                ]
            found.append(Marked(row["text"], marks, shown))
    return found


def _words(cell: str) -> str:
    return "" if cell == "_" else fold(cell).text


def tasks(texts: Sequence[Marked]) -> list[Task]:
    """One per aspect over all texts whose file marks it: there or not."""
    names = dict.fromkeys(name for each in texts for name in each.aspects)
    found = []
    for name in names:
        own = [each for each in texts if name in each.aspects]
        found.append(
            Task(
                name, [each.text for each in own], np.array([each.aspects[name] for each in own], dtype=bool)
            )
        )
    return found


def cut(texts: Sequence[Marked]) -> Clauses:
    """The clauses of `texts`, with n-grams that occur in three of them or more."""
    lexicon = default_lexicon()
    own, folded_clauses, owner, columns, sizes = [], [], [], [], []
    for index, each in enumerate(texts):
        folded = fold(each.text)
        clauses = read(folded.text, lexicon).clauses or [Clause(0, len(folded), [], [], [], frozenset())]
        found = hashes(folded.buffer)
        edges = aspects.clause_edges([clause.start for clause in clauses], len(found))
        for clause, (first, last) in zip(clauses, edges, strict=True):
            ngrams = [found[first : min(last, len(found) - step), step] for step in range(LONGEST)]
            columns.append(np.concatenate(ngrams))
            sizes.append(aspects.clause_scale(first, last))
            own.append(clause)
            folded_clauses.append(folded.text[clause.start : clause.end])
            owner.append(index)
    keys, counts = counted_keys(columns, _AT_LEAST)
    features = sp.csr_matrix(sp.diags(np.array(sizes, dtype=np.float32)) @ counts)
    return Clauses(list(texts), own, folded_clauses, keys, features, np.array(owner))


def train_clause_heads(
    clauses: Clauses, wanted: Sequence[Task], tell: Callable[[str], None]
) -> tuple[list[Head], Columns]:
    """(a detector per aspect whose `out_of_fold` are scores of the clauses of its task's texts; what flags add to it)."""
    heads, flags = [], {}
    fold_of_text = np.random.default_rng(3).integers(0, _FOLDS, len(clauses.texts))
    for task in wanted:
        tell(f"fitting the clauses that speak of {task.name}")
        rows = np.flatnonzero([task.name in clauses.texts[owner].aspects for owner in clauses.owner])
        lesson = _Lesson(clauses, task.name, rows)
        folds = fold_of_text[clauses.owner[rows]]
        out_of_fold = np.zeros(len(rows))
        for number in range(_FOLDS):
            there = np.flatnonzero(folds == number)
            out_of_fold[there] = lesson.scores(there, lesson.fit(np.flatnonzero(folds != number)))
        weights, own_flags, intercept = lesson.fit(np.arange(len(rows)))
        heaviest = np.sort(np.argsort(-np.abs(weights), kind="stable")[:_KEPT])
        heads.append(
            Head(task.name + CLAUSE, clauses.keys[heaviest], weights[heaviest], intercept, out_of_fold)
        )
        flags[task.name] = [round(float(each), 4) for each in own_flags]
    return heads, flags


Fitted = tuple[NDArray[np.float32], NDArray[np.float32], float]


class _Lesson:
    """What one aspect's clause detector learns from: the clauses `rows` of the texts that mark it."""

    def __init__(self, clauses: Clauses, aspect: str, rows: NDArray[np.intp]) -> None:
        self.features = clauses.features[rows]
        self.flags = clauses.flags(aspect)[rows]
        self.owner = clauses.owner[rows]
        self.truth = np.array([_truth(clauses, row, aspect) for row in rows])

    def fit(self, rows: NDArray[np.intp]) -> Fitted:
        """(weights, weights of the two flags, intercept) from the clauses at `rows`."""
        truth = self.truth[rows]
        is_open = truth == _OPEN
        truth = np.where(is_open & (self.flags[rows, 0] > 0), 1, truth)
        fitted = self._fit(rows, truth)
        for _ in range(_BAG_ROUNDS if is_open.any() else 0):
            scores = self.scores(rows, fitted)
            best = np.full(self.owner.max() + 1, -np.inf)
            np.maximum.at(best, self.owner[rows], scores)
            telling = (scores >= best[self.owner[rows]]) | (scores > 0)
            truth = np.where(is_open, np.where(telling, 1, _OPEN), truth)
            fitted = self._fit(rows, truth)
        return fitted

    def _fit(self, rows: NDArray[np.intp], truth: NDArray[np.int_]) -> Fitted:
        known = rows[truth != _OPEN]
        is_true = truth[truth != _OPEN] == 1
        joined = sp.hstack([self.features[known], sp.csr_matrix(_NAMED * self.flags[known])], format="csr")
        weights, intercept = logistic(joined, is_true, _STRENGTH, _ROUNDS)
        return weights[:-2], weights[-2:] * np.float32(_NAMED), intercept

    def scores(self, rows: NDArray[np.intp], fitted: Fitted) -> Floats:
        """Log-odds [rows] that the clauses speak of the aspect."""
        weights, flags, intercept = fitted
        return np.asarray(self.features[rows] @ weights + self.flags[rows] @ flags + intercept)


_OPEN = -1  # a clause of a text that holds the aspect somewhere


def _truth(clauses: Clauses, row: int, aspect: str) -> int:
    text = clauses.texts[clauses.owner[row]]
    if not text.aspects[aspect]:
        return 0
    if text.shown is None:
        return _OPEN
    said = [(target, words) for target, words, name in text.shown if name == aspect]
    clause = clauses.folded[row]
    return int(any((words or target) and target in clause and words in clause for target, words in said))


def joints(
    wanted: Sequence[Task], heads: Sequence[Head], clauses: Clauses, clause_heads: Sequence[Head]
) -> Columns:
    """Per aspect the constant and weights of `aspects.finding_traits`, set for the best F1 out of fold."""
    found = {}
    for task, head, clause_head in zip(wanted, heads, clause_heads, strict=True):
        traits = _traits(task, head.out_of_fold, clauses, clause_head.out_of_fold)
        weights, intercept = logistic(sp.csr_matrix(traits), task.is_true, _JOINT_STRENGTH, _JOINT_ROUNDS)
        scores = traits @ weights + intercept
        threshold = max(_THRESHOLDS, key=lambda each: f1(scores > each, task.is_true))
        found[task.name] = [round(float(each), 4) for each in (intercept - threshold, *weights)]
    return found


def _traits(task: Task, whole: Floats, clauses: Clauses, by_clause: Floats) -> Floats:
    """`aspects.finding_traits` [texts] of the texts of one task, whose clauses lie in order."""
    owned = [task.name in clauses.texts[owner].aspects for owner in clauses.owner]
    flags, owner = clauses.flags(task.name)[owned], clauses.owner[owned]
    edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1))
    return np.array(
        [
            aspects.finding_traits(score, bool(own[:, 0].any()), bool(own[:, 1].any()), parts.tolist())
            for score, own, parts in zip(
                whole, np.split(flags, edges[1:-1]), np.split(by_clause, edges[1:-1]), strict=True
            )
        ]
    )
