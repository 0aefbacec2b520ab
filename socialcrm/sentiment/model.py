"""The committed model: arrays on disk, and the score they give a folded text.

Seven experts (one per kind of text seen in training) each have weights for all n-grams; a gate tells from the
same n-grams how much each expert has to say. A channel, when known, silences the experts of other channels.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.kernel import Table, buffer_of, ngram_total

Floats = NDArray[np.float32]
_STEP = 127.0
_ONES = np.ones(2048, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The n-grams of one text: their `rows` [places, 4] and weights [places · 4, experts and gates], and the shares."""

    rows: NDArray[np.uint32]
    gathered: Floats
    scale: float
    shares: Floats
    score: float


class Model:
    """A loaded artefact. `card` is its model card; `experts` name the kinds of text it learned from."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], card: dict[str, Any]) -> None:
        self.card = card
        self.version: str = card["version"]
        self.experts: tuple[str, ...] = tuple(card["experts"])
        self.channels: tuple[str, ...] = tuple(card["expert_channels"])
        self._count = len(self.experts)
        self.table = Table(np.cumsum(arrays["key_steps"], dtype=np.uint32))
        self._weights = np.hstack([_dequantised(arrays, "expert"), _dequantised(arrays, "gate")])
        self._intercepts = np.concatenate([arrays["expert_intercepts"], arrays["gate_intercepts"]])
        self._masks = {
            channel: np.array([each == channel for each in self.channels], dtype=np.float32)
            for channel in dict.fromkeys(self.channels)
        }
        self._everybody = np.ones(self._count, dtype=np.float32)
        self._own_channel = np.array(list(self._masks.values()), dtype=np.float32)
        self._platt = np.array([card["calibration"][each] for each in self.channels], dtype=np.float32).T
        self.heads: tuple[str, ...] = tuple(card["heads"])
        heads = arrays["head_weights"]
        self._head_weights = np.vstack([np.zeros((1, heads.shape[1]), np.int8), heads])
        self._head_scales = arrays["head_scales"]
        self._head_intercepts = arrays["head_intercepts"]

    def weigh(self, codes: NDArray[np.uint32], channel: str | None) -> Evidence:
        """Read the n-grams of folded `codes`; `score` is the calibrated log-odds of positive."""
        rows = self.table.rows(buffer_of(codes))
        flat = rows.ravel()
        scale = 1.0 / math.sqrt(max(int(np.count_nonzero(flat)), 1))
        gathered = self._weights.take(flat, axis=0)
        sums = self._ones(len(flat)) @ gathered * scale + self._intercepts
        shares = self._shares(sums[self._count :], channel)
        slope, shift = self._platt @ shares
        return Evidence(rows, gathered, scale, shares, float(slope * (sums[: self._count] @ shares) + shift))

    def _ones(self, count: int) -> Floats:
        """Ones to sum with: a product with them is three times as fast as a sum over the first axis."""
        return _ONES[:count] if count <= len(_ONES) else np.ones(count, dtype=np.float32)

    def _shares(self, gates: Floats, channel: str | None) -> Floats:
        shares: Floats = np.exp(gates - gates.max()) * self._masks.get(channel or "", self._everybody)
        total = shares.sum()
        if total < 1e-12:
            mask = self._masks.get(channel or "", self._everybody)
            return mask / np.float32(mask.sum())
        return shares / total

    def place_weights(self, evidence: Evidence) -> Floats:
        """What each character of the text, begin and end mark included, adds to the score [places]."""
        places = len(evidence.rows)
        slope = float(self._platt[0] @ evidence.shares)
        mixed = evidence.gathered[:, : self._count] @ evidence.shares
        per_gram = mixed.reshape(places, -1) * (evidence.scale * slope)
        by_place = np.zeros(places + per_gram.shape[1], dtype=np.float32)
        for extra in range(per_gram.shape[1]):
            part = per_gram[:, extra] / (extra + 1)
            for step in range(extra + 1):
                by_place[step : step + places] += part
        return by_place[:places]

    def share_of(self, evidence: Evidence, channel: str) -> float:
        """How much the text is taken as coming by `channel`, 0..1; 0 for a channel without experts."""
        mask = self._masks.get(channel)
        return 0.0 if mask is None else float(mask @ evidence.shares)

    def channel_shares(self, evidence: Evidence) -> list[float]:
        """How much the text is taken as each of the channels, in the order of `card["blend"]`'s rows after the first."""
        shares: list[float] = (self._own_channel @ evidence.shares).tolist()
        return shares

    def head_scores(self, evidence: Evidence) -> dict[str, float]:
        """Log-odds of the further heads (neutral, emotions, aspects …)."""
        rows = evidence.rows.ravel()
        scale = ngram_total(len(evidence.rows) - 2) ** -0.5
        sums = np.add.reduce(self._head_weights.take(rows, axis=0), axis=0, dtype=np.int32)
        scores = sums * (self._head_scales * np.float32(scale)) + self._head_intercepts
        return dict(zip(self.heads, scores.tolist(), strict=True))


def _dequantised(arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """Rows of weights with a row of zeros before them for the unknown n-gram."""
    weights = arrays[f"{name}_weights"].astype(np.float32) * arrays[f"{name}_scales"]
    return np.vstack([np.zeros((1, weights.shape[1]), np.float32), weights])


def quantised(weights: Floats, kept: float = 0.9998) -> tuple[NDArray[np.int8], Floats]:
    """(int8 weights, a scale per column); weights beyond the share `kept` are cut so that the rest keep their detail."""
    top = np.maximum(np.quantile(np.abs(weights), kept, axis=0), 1e-6).astype(np.float32)
    scales = top / np.float32(_STEP)
    return np.clip(np.rint(weights / scales), -_STEP, _STEP).astype(np.int8), scales


def save(path: Path, arrays: Mapping[str, NDArray[Any]], card: dict[str, Any]) -> None:
    """Write the artefact; the same arrays and card give the same bytes."""
    packed = np.frombuffer(json.dumps(card, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, card=packed, **arrays)


def load(path: Path) -> Model:
    """Read an artefact written by `save`."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    card: dict[str, Any] = json.loads(arrays.pop("card").tobytes())
    return Model(arrays, card)


@cache
def default_model() -> Model:
    """The model that comes with the package."""
    with as_file(files(__package__) / "data" / "model.npz") as path:
        return load(path)


def key_steps(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Sorted keys as differences, which compress better; a running sum restores them."""
    return np.diff(keys, prepend=np.uint32(0))
