"""The committed model: arrays on disk, and the score they give a folded text.

Seven experts (one per kind of text seen in training) each have weights for all n-grams; a gate tells from the
same n-grams how much each expert has to say. A channel, when known, silences the experts of other channels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from math import exp
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.aspects import clause_edges, clause_scale
from socialcrm.sentiment.blend import Trees
from socialcrm.sentiment.kernel import LONGEST, PADDING, Table, Weights, ngram_total

Floats = NDArray[np.float32]
_STEP = 127.0
#: What is added to the gate's odds of every expert: a text that is like none of them (odds of 1, where those of known
#: texts are around 100) is shared among all, so that one kind's habits do not decide alone about a kind nobody knows.
_EVEN_ODDS = 0.3
_MOST_GATE = 30.0  # beyond this the others have no say anyhow
_ONES = np.ones(4096, dtype=np.float32)
#: [LONGEST · LONGEST]: what a character takes of the weights of the n-grams that start up to PADDING characters before it
#: and at it, of each length: an equal share of those that reach it.
_DEALT = np.array(
    [
        [1 / (step + 1) if step >= before else 0.0 for step in range(LONGEST)]
        for before in range(PADDING, -1, -1)
    ],
    dtype=np.float32,
).ravel()

# Shares that should add up to one miss it in the last place, in one order of adding and not in another.
_SHARE_DIGITS = 9

#: The head that tells what is said of an aspect, over the passage that speaks of it.
SAID = "said"
#: What the name of an aspect's detector over clauses ends with.
CLAUSE = "|clause"


@dataclass(slots=True)
class Evidence:
    """What the model sees in one text of `places` characters, its begin and end mark included.

    `at`, `rows` and `weights` [known n-grams, experts and gates and, but for polarity alone, mood heads] are those of `Table.find`
    and `Weights.of`, `totals` their sums; `members` holds per channel 1 for each of its experts, 0 for the others; `shares` are the
    experts' shares; `slope` is the calibration's; `score` is the calibrated log-odds of positive.
    """

    places: int
    at: NDArray[np.intp]
    rows: NDArray[np.uint32]
    weights: Floats
    totals: list[float]
    scale: float
    members: Mapping[str, Sequence[float]]
    shares: list[float]
    slope: float
    score: float

    def share_of(self, channel: str) -> float:
        """How much the text is taken as coming by `channel`, 0..1; 0 for a channel without experts."""
        return round(sum(map(mul, self.shares, self.members.get(channel, ()))), _SHARE_DIGITS)


class Model:
    """A loaded artefact. `card` is its model card; `experts` name the kinds of text it learned from."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], card: dict[str, Any]) -> None:
        self.card = card
        self.version: str = card["version"]
        self.experts: tuple[str, ...] = tuple(card["experts"])
        self.channels: tuple[str, ...] = tuple(card["expert_channels"])
        keys = np.cumsum(arrays["key_steps"], dtype=np.uint32)
        # The rows that say something to the heads come first, so that the heads need no others.
        order = np.argsort(~_are_in(arrays["head_rows"], len(keys)), kind="stable")
        self.table = Table(keys[order])
        deciding = [arrays["expert_weights"][order], arrays["gate_weights"][order]]
        self._weights = Weights(deciding)
        self._scales: list[float] = [*arrays["expert_scales"].tolist(), *arrays["gate_scales"].tolist()]
        self._intercepts: list[float] = [
            *arrays["expert_intercepts"].tolist(),
            *arrays["gate_intercepts"].tolist(),
        ]
        calibration = [card["calibration"][name] for name in self.experts]
        self._slopes: list[float] = [slope for slope, _ in calibration]
        self._shifts: list[float] = [shift for _, shift in calibration]
        #: Per channel 1 for each expert that has a say on it, 0 for the others.
        self._members = {
            name: [float(channel == name) for channel in self.channels] for name in self.channels
        }
        self._everybody = [1.0] * len(self.experts)
        self.blend = Trees(arrays)
        joints = card["aspect_joints"]
        of_texts = np.array([name in joints for name in card["heads"]], dtype=np.bool_)
        of_clauses = np.array([name.endswith(CLAUSE) for name in card["heads"]], dtype=np.bool_)
        of_moods = ~(of_texts | of_clauses)
        moods = np.zeros((len(keys), int(of_moods.sum())), dtype=np.int8)
        moods[: len(arrays["head_rows"])] = arrays["head_weights"][:, of_moods]
        #: What a whole answer needs of each n-gram side by side, so that it is fetched and added up at once.
        self._whole_weights = Weights([*deciding, moods])
        self._mood_heads = _Heads(arrays, card["heads"], of_moods)
        self._aspect_heads = _Heads(arrays, card["heads"], of_texts)
        self._aspect_weights = Weights([arrays["head_weights"][:, of_texts]])
        self._clause_heads = _Heads(arrays, card["heads"], of_clauses)
        self._clause_weights = Weights([arrays["head_weights"][:, of_clauses]])
        self._said = self._mood_heads.column_of(SAID)
        self.said_intercept = 0.0 if self._said is None else self._said.intercept

    def weigh(self, buffer: NDArray[np.uint64], channel: str | None, whole: bool = True) -> Evidence:
        """Read the n-grams of a folded text's `buffer`; unless as a `whole`, then for polarity alone."""
        at, rows = self.table.find(buffer)
        weights = (self._whole_weights if whole else self._weights).of(rows)
        return self._evidence(len(buffer) - PADDING, at, rows, weights, channel)

    def weigh_all(
        self, joined: NDArray[np.uint64], lengths: Sequence[int], channel: str | None
    ) -> list[Evidence]:
        """`weigh` of every text at once; `joined` holds their buffers, of these `lengths`, one behind another."""
        at, rows = self.table.find(joined)
        weights = self._whole_weights.of(rows)
        starts, bounds = _bounds(at, lengths)
        return [
            self._evidence(
                length - PADDING,
                at[first:last] - start * LONGEST,
                rows[first:last],
                weights[first:last],
                channel,
            )
            for (first, last), length, start in zip(bounds.tolist(), lengths, starts.tolist(), strict=True)
        ]

    def scores_of(
        self, joined: NDArray[np.uint64], lengths: Sequence[int], channel: str | None
    ) -> tuple[list[float], list[list[float]], list[float]]:
        """(`score`, `shares`, how much it is taken as a review) of every text, as `weigh_all` finds them, and nothing else."""
        at, rows = self.table.find(joined)
        _, bounds = _bounds(at, lengths)
        weights = self._weights.of(np.append(rows, np.uint32(0)))
        sums = np.add.reduceat(weights, bounds.ravel(), axis=0)[::2, : len(self._scales)]
        sums[bounds[:, 0] == bounds[:, 1]] = 0.0
        totals = [ngram_total(length - PADDING - 2) for length in lengths]
        scores = sums * self._scales / np.sqrt(totals)[:, None] + self._intercepts
        gates = scores[:, len(self.experts) :]
        members = np.array(self._members.get(channel or "", self._everybody))
        shares = shares_of(gates, members)
        mixed = (shares * scores[:, : len(self.experts)]).sum(axis=1)
        scored = (shares @ self._slopes) * mixed + shares @ self._shifts
        as_review = shares @ [float(name == "review") for name in self.channels]
        return scored.tolist(), shares.tolist(), np.round(as_review, _SHARE_DIGITS).tolist()

    def _evidence(
        self,
        places: int,
        at: NDArray[np.intp],
        rows: NDArray[np.uint32],
        weights: Floats,
        channel: str | None,
    ) -> Evidence:
        scale = ngram_total(places - 2) ** -0.5
        members = self._members.get(channel or "", self._everybody)
        totals: list[float] = _total(weights).tolist()
        decided = self._decided(totals, scale, members)
        return Evidence(places, at, rows, weights, totals, scale, self._members, *decided)

    def _decided(
        self, totals: Sequence[float], scale: float, members: Sequence[float]
    ) -> tuple[list[float], float, float]:
        """Shares of the experts `members`, their mixed slope and calibrated score."""
        weighed = zip(totals, self._scales, self._intercepts, strict=False)
        scores = [total * step * scale + shift for total, step, shift in weighed]
        gates = scores[len(members) :]
        odds = [
            (exp(min(gate, _MOST_GATE)) + _EVEN_ODDS) * own for gate, own in zip(gates, members, strict=True)
        ]
        whole = sum(odds)
        shares = [odd / whole for odd in odds]
        slope = sum(map(mul, shares, self._slopes))
        score = slope * sum(map(mul, shares, scores)) + sum(map(mul, shares, self._shifts))
        return shares, slope, score

    def place_weights(self, evidence: Evidence) -> Floats:
        """What each character of the text, begin and end mark included, adds to the score [places]."""
        scale = evidence.scale * evidence.slope
        columns = self._weights.columns
        factors = [0.0] * columns
        for place, share in enumerate(evidence.shares):
            factors[place] = share * self._scales[place] * scale
        by_gram = evidence.weights[:, :columns].dot(np.array(factors, dtype=np.float32))
        return _by_place(by_gram, evidence.at, evidence.places)

    def said_weights(self, evidence: Evidence) -> Floats | None:
        """What each character, marks included, adds to the head that tells what is said of an aspect [places], unscaled."""
        if self._said is None:
            return None
        by_gram = evidence.weights[:, len(self._scales) + self._said.column]
        return _by_place(by_gram, evidence.at, evidence.places) * self._said.step

    def mood_scores(self, evidence: Evidence) -> dict[str, float]:
        """Log-odds of the heads that every answer needs: neutral, the emotions, dissatisfied."""
        return self._mood_heads.scores(evidence.totals[len(self._scales) :], evidence.scale)

    def aspect_scores(self, evidence: Evidence) -> dict[str, float]:
        """Log-odds of the aspects that have a detector."""
        totals = _total(self._aspect_weights.of(evidence.rows)).tolist()
        return self._aspect_heads.scores(totals, evidence.scale)

    def clause_scores(self, evidence: Evidence, starts: Sequence[int]) -> dict[str, list[float]]:
        """Aspect → log-odds of each clause, of those that begin at these folded `starts`, that it speaks of the aspect."""
        edges = clause_edges(starts, evidence.places)
        parts = np.searchsorted(evidence.at, [first * LONGEST for first, _ in edges])
        scales = [clause_scale(first, last) for first, last in edges]
        weights = self._clause_weights.of(evidence.rows)
        by_head = self._clause_heads.scores_of_parts(weights, parts.tolist(), scales)
        return {name.removesuffix(CLAUSE): scores for name, scores in by_head.items()}


def shares_of(gates: NDArray[Any], members: NDArray[Any]) -> NDArray[Any]:
    """Shares [texts, experts] by the log-odds of the gate for each expert, of those that are `members`."""
    odds = (np.exp(np.minimum(gates, _MOST_GATE)) + _EVEN_ODDS) * members
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _bounds(at: NDArray[np.intp], lengths: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(where each text starts among buffers of these `lengths`, [texts, 2]: the first and last + 1 of `at` that lie inside it).

    A window that starts in the zeros behind a text belongs to none.
    """
    ends = np.cumsum(lengths, dtype=np.intp)
    starts = ends - np.array(lengths, dtype=np.intp)
    return starts, np.searchsorted(at, np.stack([starts, ends - PADDING], axis=1) * LONGEST)


class _Column(NamedTuple):
    """One head's column among the weights, the step of its whole numbers, its constant."""

    column: int
    step: np.float32
    intercept: float


class _Heads:
    """The further heads named in `names` where `own` is true."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], names: Sequence[str], own: NDArray[np.bool_]
    ) -> None:
        self._names = [name for name, is_own in zip(names, own.tolist(), strict=True) if is_own]
        self._scales: list[float] = arrays["head_scales"][own].tolist()
        self._intercepts: list[float] = arrays["head_intercepts"][own].tolist()

    def scores(self, totals: Sequence[float], scale: float) -> dict[str, float]:
        """Log-odds per head of a text the weights of whose n-grams have these sums."""
        weighed = zip(self._names, totals, self._scales, self._intercepts, strict=False)
        return {name: total * step * scale + shift for name, total, step, shift in weighed}

    def scores_of_parts(
        self, weights: Floats, parts: Sequence[int], scales: Sequence[float]
    ) -> dict[str, list[float]]:
        """Log-odds per head of each part of a text: part n begins at row `parts[n]` of `weights`, scaled by `scales[n]`."""
        sums = np.zeros((len(weights) + 1, len(self._names)))
        np.cumsum(weights[:, : len(self._names)], axis=0, out=sums[1:])
        totals = np.diff(sums[[*parts, len(weights)]], axis=0)
        scores = totals * np.array(scales)[:, None] * self._scales + self._intercepts
        return dict(zip(self._names, scores.T.tolist(), strict=True))

    def column_of(self, name: str) -> _Column | None:
        """Where the head `name` stands; None where there is none."""
        if name not in self._names:
            return None
        column = self._names.index(name)
        return _Column(column, np.float32(self._scales[column]), self._intercepts[column])


def _by_place(weights: Floats, at: NDArray[np.intp], places: int) -> Floats:
    """Weights of the n-grams `at` (as of `Table.find`) dealt out to the characters that make them [places]."""
    by_gram = np.zeros((PADDING + places) * LONGEST, dtype=np.float32)
    by_gram[PADDING * LONGEST :][at] = weights
    around = np.ndarray(
        (places, LONGEST * LONGEST), np.float32, by_gram, 0, (by_gram.itemsize * LONGEST, by_gram.itemsize)
    )
    by_place: Floats = around @ _DEALT
    return by_place


def _total(weights: Floats) -> Floats:
    """The sum over the first axis; a product with ones is three times as fast as `sum`, and exact for small integers."""
    count = len(weights)
    ones = _ONES[:count] if count <= len(_ONES) else np.ones(count, dtype=np.float32)
    total: Floats = ones.dot(weights)  # half a microsecond less than @
    return total


def quantised(weights: Floats, kept: float = 0.9998) -> tuple[NDArray[np.int8], Floats]:
    """(int8 weights, a scale per column); weights beyond the share `kept` are cut so that the rest keep their detail."""
    top = np.maximum(np.quantile(np.abs(weights), kept, axis=0), 1e-6).astype(np.float32)
    scales = top / np.float32(_STEP)
    return np.clip(np.rint(weights / scales), -_STEP, _STEP).astype(np.int8), scales


def _are_in(rows: NDArray[np.uint32], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows] = True
    return mask


def packed(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays as `Model` takes them and files hold them: of `head_weights` only the rows that say something."""
    if "head_rows" in arrays:
        return dict(arrays)
    rows = np.flatnonzero(arrays["head_weights"].any(axis=1)).astype(np.uint32)
    return {**arrays, "head_rows": rows, "head_weights": arrays["head_weights"][rows]}


def save(path: Path, arrays: Mapping[str, NDArray[Any]], card: dict[str, Any]) -> None:
    """Write the artefact; the same arrays and card give the same bytes."""
    text = np.frombuffer(json.dumps(card, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, card=text, **packed(arrays))


def load(path: Path) -> Model:
    """Read an artefact written by `save`, one array at a time."""
    with np.load(path, allow_pickle=False) as stored:
        return Model(stored, json.loads(stored["card"].tobytes()))


@cache
def default_model() -> Model:
    """The model that comes with the package."""
    with as_file(files(__package__) / "data" / "model.npz") as path:
        return load(path)


def key_steps(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Sorted keys as differences, which compress better; a running sum restores them."""
    return np.diff(keys, prepend=np.uint32(0))
