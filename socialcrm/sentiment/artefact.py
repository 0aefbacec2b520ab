"""The arrays of the artefact, from freshly trained parts or from those of an older artefact. Training time only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.heads import Head
from socialcrm.sentiment.kernel import slots_of
from socialcrm.sentiment.model import key_steps, packed, quantised
from socialcrm.sentiment.training import Experts


@dataclass(frozen=True, slots=True)
class Columns:
    """Quantised weights [keys, columns] over sorted `keys`, a scale and an intercept per column."""

    keys: NDArray[np.uint32]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    intercepts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Base:
    """What heads are built upon: experts, gate, and the arrays of `blend.Trees`."""

    experts: Columns
    gate: Columns
    trees: Mapping[str, NDArray[Any]]


def of_experts(experts: Experts) -> tuple[Columns, Columns]:
    """(experts, gate)."""
    return (
        Columns(experts.keys, *quantised(experts.weights), experts.intercepts),
        Columns(experts.keys, *quantised(experts.gate_weights), experts.gate_intercepts),
    )


def of_head(head: Head) -> Columns:
    """One head; only its n-grams that are left after rounding."""
    weights, scales = quantised(head.weights[:, None], kept=1.0)
    left = np.flatnonzero(weights[:, 0])
    return Columns(head.keys[left], weights[left], scales, np.array([head.intercept], dtype=np.float32))


def read(path: Path, heads: list[str]) -> tuple[Base, dict[str, Columns]]:
    """(what the heads stand upon, heads by name) of the artefact at `path`, whose card names its `heads` in this order."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "card"}
    keys = np.cumsum(arrays["key_steps"], dtype=np.uint32)
    expert, gate = (arrays["expert_weights"], arrays["gate_weights"])
    own = np.flatnonzero(expert.any(axis=1) | gate.any(axis=1))
    by_name = {}
    for column, name in enumerate(heads):
        weights = arrays["head_weights"][:, column]
        left = np.flatnonzero(weights)
        by_name[name] = Columns(
            keys[arrays["head_rows"][left]],
            weights[left, None],
            arrays["head_scales"][[column]],
            arrays["head_intercepts"][[column]],
        )
    base = Base(
        Columns(keys[own], expert[own], arrays["expert_scales"], arrays["expert_intercepts"]),
        Columns(keys[own], gate[own], arrays["gate_scales"], arrays["gate_intercepts"]),
        {name: values for name, values in arrays.items() if name.startswith("blend_")},
    )
    return base, by_name


def assemble(base: Base, heads: Mapping[str, Columns]) -> dict[str, NDArray[Any]]:
    """The arrays of the artefact over the union of all n-grams; a head's n-gram whose slot is taken is left out."""
    experts, gate = base.experts, base.gate
    extra = np.setdiff1d(
        np.concatenate([experts.keys[:0], *(each.keys for each in heads.values())]), experts.keys
    )
    _, free = np.unique(slots_of(extra), return_index=True)
    extra = extra[free][~np.isin(slots_of(extra[free]), slots_of(experts.keys))]
    keys = np.union1d(experts.keys, extra)
    arrays: dict[str, NDArray[Any]] = {"key_steps": key_steps(keys), **base.trees}
    for name, part in (("expert", experts), ("gate", gate)):
        arrays[f"{name}_weights"] = _spread(part, keys)
        arrays[f"{name}_scales"], arrays[f"{name}_intercepts"] = part.scales, part.intercepts
    arrays["head_weights"] = np.hstack(
        [np.zeros((len(keys), 0), np.int8), *(_spread(each, keys) for each in heads.values())]
    )
    for name in ("scales", "intercepts"):
        values = [np.zeros(0, np.float32), *(getattr(each, name) for each in heads.values())]
        arrays[f"head_{name}"] = np.concatenate(values)
    return arrays


def version_of(arrays: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> str:
    """A name for what these arrays and this card answer: the same answers, the same name, whatever was measured of them."""
    digest = hashlib.sha256()
    for name, values in sorted(packed(arrays).items()):
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    deciding = {name: value for name, value in card.items() if name not in ("version", "figures")}
    digest.update(json.dumps(deciding, ensure_ascii=False, sort_keys=True).encode())
    return f"ngram-experts-{digest.hexdigest()[:10]}"


def _spread(part: Columns, keys: NDArray[np.uint32]) -> NDArray[np.int8]:
    places = np.minimum(np.searchsorted(keys, part.keys), len(keys) - 1)
    known = keys[places] == part.keys
    weights = np.zeros((len(keys), part.weights.shape[1]), dtype=np.int8)
    weights[places[known]] = part.weights[known]
    return weights
