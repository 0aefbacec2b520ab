"""Train the engine's model from labelled texts: `socialcrm sentiment train`. Deterministic; needs only NumPy and SciPy.

Steps: n-grams seen three times or more → for every domain an expert whose weights are a shared part, a channel's part and
the domain's own part (each scaled by its naive-Bayes ratios) → the most telling n-grams → a gate that recognises the kind of text.
Calibration and the join with the rules follow out of fold (`joining.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment.fitting import (
    Floats,
    bayes_ratios,
    by_length,
    count_matrix,
    logistic,
)
from socialcrm.sentiment.kernel import slots_of
from socialcrm.sentiment.material import Material
from socialcrm.sentiment.model import shares_of

SEED = 20261122
FEATURES = 380_000
_STRENGTH, _ROUNDS = 4.0, 130
#: Scale at least of an n-gram, whatever its ratio: what stands on both sides alike (没得说, 停不下来) must still be learned
#: where sentences written for it say so.
_LEAST_RATIO = 0.5
_CHANNEL_PART, _DOMAIN_PART, _INTERCEPT_PART = 1.0, 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Experts:
    """Polarity experts and their gate over `keys`: weights [keys, experts] and intercepts."""

    keys: NDArray[np.uint32]
    domains: tuple[str, ...]
    channels: tuple[str, ...]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    gate_weights: NDArray[np.float32]
    gate_intercepts: NDArray[np.float32]

    def see(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Uncalibrated log-odds of each expert, and of the gate for each expert [texts, experts]."""
        features = by_length(count_matrix(texts, self.keys), texts)
        return features @ self.weights + self.intercepts, features @ self.gate_weights + self.gate_intercepts

    def mixed(self, seen: tuple[Floats, Floats], channels: Sequence[str | None]) -> tuple[Floats, Floats]:
        """Log-odds [texts] of what `see` saw, experts mixed by the gate within the channel, and their shares [texts, experts]."""
        scores, gates = seen
        known = {*self.channels}
        mask = np.array(
            [[channel == own or channel not in known for own in self.channels] for channel in channels]
        )
        shares = shares_of(gates, mask)
        return np.asarray((scores * shares).sum(axis=1), np.float64), np.asarray(shares, np.float64)


def train_experts(material: Material, tell: Callable[[str], None], features: int = FEATURES) -> Experts:
    """Fit experts and gate, and keep the `features` n-grams that say most; `tell` hears a line before each step."""
    count = len(material.domains)
    members = _members(material.domains, material.channels)
    is_real = material.domain >= 0
    # Made-up texts are a domain of their own, which has the shared part only: they must not bend what a channel learned.
    domain = np.where(is_real, material.domain, count)
    tell(f"fitting {count} experts over {len(material.keys):,} n-grams of {len(domain):,} texts")
    weights, intercepts = _fit(material, domain, members)
    kept = _telling(material, weights, features)
    tell(f"fitting the gate over {len(kept):,} n-grams")
    gate_weights, gate_intercepts = _gate(material.features[is_real][:, kept], domain[is_real], count)
    return Experts(
        material.keys[kept],
        material.domains,
        material.channels,
        np.ascontiguousarray(weights[:, kept].T),
        intercepts,
        gate_weights,
        gate_intercepts,
    )


def _members(domains: tuple[str, ...], channels: tuple[str, ...]) -> NDArray[np.float32]:
    """[parts, domains and made-up texts]: the shared part, each channel's part, each domain's part, with their sizes."""
    parts = [[1.0] * (len(domains) + 1)]
    parts += [[_CHANNEL_PART * (own == name) for own in (*channels, "")] for name in dict.fromkeys(channels)]
    parts += [[_DOMAIN_PART * (own == name) for own in (*domains, "")] for name in domains]
    return np.array(parts, dtype=np.float32)


def _fit(
    material: Material, domain: NDArray[np.intp], members: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights [domains, keys] and intercepts [domains] of a logistic regression whose weights are sums of parts.

    Every part is penalised on its own, so what texts share is learned once (Daumé 2007, "Frustratingly easy domain
    adaptation"), and scaled by its own naive-Bayes ratios (Wang and Manning 2012), or by `_LEAST_RATIO` where they are smaller.
    """
    features, is_positive = material.features, material.is_positive
    row = np.repeat(domain, np.diff(features.indptr))
    ratios = np.empty((len(members), features.shape[1]), dtype=np.float32)
    blocks = []
    for part, ratio in zip(members, ratios, strict=True):
        inside = np.flatnonzero(part[domain] * (domain < len(material.domains)))
        own = bayes_ratios(material.counts[inside], is_positive[inside])
        ratio[:] = np.copysign(np.maximum(np.abs(own), _LEAST_RATIO), own)
        data = features.data * ratio[features.indices] * part[row]
        block = sp.csr_matrix((data, features.indices, features.indptr), shape=features.shape, copy=False)
        block = block.copy()
        block.eliminate_zeros()
        blocks.append(block)
    texts = np.arange(len(domain))
    constants = np.full(len(domain), _INTERCEPT_PART, np.float32)
    blocks.append(sp.csr_matrix((constants, (texts, domain)), shape=(len(domain), members.shape[1])))
    joined = sp.hstack(blocks, format="csr")
    used = np.flatnonzero(np.bincount(joined.indices, minlength=joined.shape[1]))
    fitted, intercept = logistic(joined[:, used], is_positive, _STRENGTH, _ROUNDS, material.weights)
    parts = np.zeros(joined.shape[1], dtype=np.float32)
    parts[used] = fitted
    weights: NDArray[np.float32] = members[:, :-1].T @ (parts[: ratios.size].reshape(ratios.shape) * ratios)
    return weights, parts[ratios.size : -1] * np.float32(_INTERCEPT_PART) + np.float32(intercept)


def _telling(material: Material, weights: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Sorted places of the `count` n-grams that move most texts most, one per slot of the engine's table."""
    seen = np.bincount(material.counts.indices, minlength=len(material.keys))
    order = np.argsort(-np.abs(weights).mean(axis=0) * np.sqrt(seen), kind="stable")
    _, first = np.unique(slots_of(material.keys[order]), return_index=True)
    return np.sort(order[np.sort(first)[:count]])


def _gate(
    features: sp.csr_matrix, domain: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One logistic model per domain against the others."""
    fitted = [logistic(features, domain == index, 10.0, rounds=40) for index in range(count)]
    return (
        np.stack([weights for weights, _ in fitted], axis=1),
        np.array([intercept for _, intercept in fitted], dtype=np.float32),
    )
