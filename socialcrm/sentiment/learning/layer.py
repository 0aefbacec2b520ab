"""A layer: small corrections on top of the engine's own log-odds, learned from what staff corrected. Pure; NumPy only."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.learning.features import SLOTS, Slots, scale_of, scale_of_length, slots_of

Floats = NDArray[np.float32]

#: Beyond this the engine's own log-odds say "certain" and no more.
CERTAIN = 4.0
#: Log-odds that an aspect is there when the engine found it; as many against when it did not.
FOUND = 2.0


@dataclass(frozen=True, slots=True)
class Residual:
    """What is added to one of the engine's log-odds: constant and slope per channel ("" for all), and n-gram weights [SLOTS]."""

    constants: Mapping[str, float]
    slopes: Mapping[str, float]
    weights: Floats

    def shift(self, codes: NDArray[np.uint32], score: float, channel: str | None) -> float:
        """The log-odds to add for folded `codes` of which the engine itself says `score`."""
        return self.bias(score, channel) + float(self.by_place(codes, channel).sum())

    def scaled(self, share: float) -> Residual:
        """A share of it: the bolder, the nearer to 1. Weights stay what can be stored exactly."""
        return Residual(
            {name: each * share for name, each in self.constants.items()},
            {name: each * share for name, each in self.slopes.items()},
            (self.weights * np.float32(share)).astype(np.float16).astype(np.float32),
        )

    def bias(self, score: float, channel: str | None) -> float:
        """The part that does not depend on the words."""
        held = max(-CERTAIN, min(CERTAIN, score))
        return sum(
            self.constants.get(name, 0.0) + self.slopes.get(name, 0.0) * held
            for name in dict.fromkeys(("", channel or ""))
        )

    def by_place(self, codes: NDArray[np.uint32], channel: str | None) -> Floats:
        """The words' part, each n-gram's weight shared among its characters [places]."""
        places: Floats = np.zeros(len(codes), dtype=np.float32)
        for extra, slots in enumerate(slots_of(codes, channel)):
            part = self.weights[slots].sum(axis=1) * np.float32(scale_of(codes) / (extra + 1))
            for step in range(extra + 1):
                places[step : step + len(part)] += part
        return places

    def of_passages(
        self,
        slots: Sequence[Slots],
        bounds: Sequence[tuple[int, int]],
        scores: Sequence[float],
        channel: str | None,
    ) -> list[float]:
        """The log-odds to add for each passage [start, end) by itself, of which the engine says `scores`.

        `slots` are `slots_of` the whole text, so that many passages and aspects cost one look at it.
        """
        starts, ends = (np.array(each, dtype=np.intp) for each in zip(*bounds, strict=True))
        words = np.zeros(len(bounds))
        for extra, own in enumerate(slots):
            running = np.concatenate([[0.0], np.cumsum(self.weights[own].sum(axis=1, dtype=np.float64))])
            first = np.minimum(starts, len(own))
            words += running[np.maximum(np.minimum(ends - extra, len(own)), first)] - running[first]
        return [
            self.bias(score, channel) + said * scale_of_length(end - start)
            for (start, end), score, said in zip(bounds, scores, words.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Layer:
    """What corrections taught: a residual per question that had enough of them; `base` is the engine it stands on."""

    number: int
    base: str
    polarity: Residual | None = None
    neutral: Residual | None = None
    complaint: Residual | None = None
    #: Aspect → is it there at all, and what is said of it.
    present: Mapping[str, Residual] = field(default_factory=dict)
    said: Mapping[str, Residual] = field(default_factory=dict)
    #: Aspect → does a clause speak of it, and what is said of it, weighed on the clauses that do.
    passages: Mapping[str, Residual] = field(default_factory=dict)
    said_there: Mapping[str, Residual] = field(default_factory=dict)

    def residuals(self) -> dict[str, Residual]:
        """All of them by a name that `layer_of` understands."""
        single = {"polarity": self.polarity, "neutral": self.neutral, "complaint": self.complaint}
        of_aspects = {
            "present": self.present,
            "said": self.said,
            "passage": self.passages,
            "said_there": self.said_there,
        }
        return {name: each for name, each in single.items() if each is not None} | {
            f"{kind}:{aspect}": each for kind, own in of_aspects.items() for aspect, each in own.items()
        }


def layer_of(number: int, base: str, residuals: Mapping[str, Residual]) -> Layer:
    """A layer of residuals as `Layer.residuals` names them."""

    def of_aspects(kind: str) -> dict[str, Residual]:
        return {
            name.partition(":")[2]: each for name, each in residuals.items() if name.startswith(f"{kind}:")
        }

    return Layer(
        number,
        base,
        residuals.get("polarity"),
        residuals.get("neutral"),
        residuals.get("complaint"),
        of_aspects("present"),
        of_aspects("said"),
        of_aspects("passage"),
        of_aspects("said_there"),
    )


def packed(layer: Layer) -> bytes:
    """The layer as bytes; only weights that are not zero are kept, at the half precision that fitting rounded them to."""
    arrays: dict[str, NDArray[Any]] = {}
    facts: list[dict[str, Any]] = []
    for index, (name, each) in enumerate(layer.residuals().items()):
        facts.append({"name": name, "constants": dict(each.constants), "slopes": dict(each.slopes)})
        slots = np.flatnonzero(each.weights)
        arrays[f"slots{index}"] = slots.astype(np.uint16)
        arrays[f"weights{index}"] = each.weights[slots].astype(np.float16)
    card = json.dumps({"number": layer.number, "base": layer.base, "residuals": facts}, ensure_ascii=False)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, card=np.frombuffer(card.encode(), dtype=np.uint8), **arrays)
    return file.getvalue()


def unpacked(content: bytes) -> Layer:
    """The layer that `packed` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        card = json.loads(stored["card"].tobytes())
        residuals = {}
        for index, facts in enumerate(card["residuals"]):
            weights = np.zeros(SLOTS, dtype=np.float32)
            weights[stored[f"slots{index}"]] = stored[f"weights{index}"].astype(np.float32)
            residuals[facts["name"]] = Residual(facts["constants"], facts["slopes"], weights)
    return layer_of(card["number"], card["base"], residuals)
