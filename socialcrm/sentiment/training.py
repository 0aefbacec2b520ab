"""Train the engine's model from labelled texts: `socialcrm sentiment train`. Deterministic; needs only NumPy and SciPy.

Steps: n-grams seen three times or more → for every domain an expert whose weights are a shared part, a channel's part and
the domain's own part (each scaled by its naive-Bayes ratios) → the most telling n-grams → a gate that recognises the kind of text → calibration out of fold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment.blend import blend, wants_rules
from socialcrm.sentiment.blend import traits as blend_traits
from socialcrm.sentiment.corpus import Example, challenge
from socialcrm.sentiment.fitting import (
    Floats,
    bayes_ratios,
    by_length,
    count_matrix,
    logistic,
    platt,
)
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.kernel import slots_of
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.material import Material
from socialcrm.sentiment.reading import read

SEED = 20261122
FEATURES = 380_000
_STRENGTH, _ROUNDS = 4.0, 130
_CHANNEL_PART, _DOMAIN_PART, _INTERCEPT_PART = 1.0, 1.0, 0.5
#: What the challenge's tuning half weighs in the blend's fit, as a share of the plain texts that the rules are asked about.
_HARD_SHARE = 0.1
_CALIBRATED_ON = 50  # texts at least


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

    def mix(self, texts: Sequence[str], channels: Sequence[str | None]) -> tuple[Floats, Floats]:
        """Uncalibrated log-odds [texts], experts mixed by the gate within the channel, and their shares [texts, experts]."""
        features = by_length(count_matrix(texts, self.keys), texts)
        gates = features @ self.gate_weights + self.gate_intercepts
        mask = np.array([[channel in (None, own) for own in self.channels] for channel in channels])
        shares = (np.exp(gates - gates.max(axis=1, keepdims=True)) + 1e-12) * mask
        shares /= shares.sum(axis=1, keepdims=True)
        scores = ((features @ self.weights + self.intercepts) * shares).sum(axis=1)
        return np.asarray(scores, dtype=np.float64), np.asarray(shares, dtype=np.float64)


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
    adaptation"), and scaled by its own naive-Bayes ratios (Wang and Manning 2012).
    """
    features, is_positive = material.features, material.is_positive
    row = np.repeat(domain, np.diff(features.indptr))
    ratios = np.empty((len(members), features.shape[1]), dtype=np.float32)
    blocks = []
    for part, ratio in zip(members, ratios, strict=True):
        inside = np.flatnonzero(part[domain] * (domain < len(material.domains)))
        ratio[:] = bayes_ratios(material.counts[inside], is_positive[inside])
        data = features.data * ratio[features.indices] * part[row]
        block = sp.csr_matrix((data, features.indices, features.indptr), shape=features.shape, copy=False)
        block = block.copy()
        block.eliminate_zeros()
        blocks.append(block)
    texts = np.arange(len(domain))
    own = np.full(len(domain), _INTERCEPT_PART, np.float32)
    blocks.append(sp.csr_matrix((own, (texts, domain)), shape=(len(domain), members.shape[1])))
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


Steps = dict[str, tuple[float, float]]


def calibrate(experts: Experts, held_out: Sequence[Example]) -> Steps:
    """Platt (slope, shift) per expert on texts of its domain that it has not seen; its channel's where they are few."""
    polar = [each for each in held_out if each.label != 2]
    scores, _ = experts.mix([each.text for each in polar], [each.channel for each in polar])
    is_positive = np.array([each.label == 1 for each in polar])
    steps: Steps = {}
    for name, channel in zip(experts.domains, experts.channels, strict=True):
        own = np.array([each.domain == name for each in polar])
        if own.sum() < _CALIBRATED_ON:
            own = np.array([each.channel == channel for each in polar])
        steps[name] = platt(scores[own], is_positive[own]) if own.sum() >= _CALIBRATED_ON else (1.0, 0.0)
    return steps


def calibrated(experts: Experts, steps: Steps, scores: Floats, shares: Floats) -> Floats:
    """Scores after the Platt steps of the experts, mixed by their shares."""
    slope, shift = (shares @ np.array([steps[name] for name in experts.domains])).T
    return np.asarray(slope * scores + shift)


def fit_blend(experts: Experts, steps: Steps, held_out: Sequence[Example]) -> list[list[float]]:
    """Weights of `blend.traits` (a row for all, a row per channel) on held-out texts and the challenge's tuning half."""
    polar = [(each.text, each.channel, each.label == 1) for each in held_out if each.label != 2]
    hard = [(text, None, label == 1) for text, _, label in challenge("tune")]
    items = [*polar, *hard]
    scores, shares = experts.mix([text for text, _, _ in items], [channel for _, channel, _ in items])
    scores = calibrated(experts, steps, scores, shares)
    by_channel = shares @ channel_matrix(experts.channels)
    as_review = _review_shares(experts, shares)
    lexicon = default_lexicon()
    traits, truth, is_hard = [], [], []
    for index, (text, _, is_positive) in enumerate(items):
        folded = fold(text)
        if wants_rules(float(scores[index]), len(folded.codes), as_review[index]):
            own = np.array(blend_traits(float(scores[index]), len(folded.codes), read(folded.text, lexicon)))
            traits.append(np.concatenate([own, *(share * own for share in by_channel[index])]))
            truth.append(is_positive)
            is_hard.append(index >= len(polar))
    hard_ones = np.array(is_hard)
    each_hard = _HARD_SHARE * (~hard_ones).sum() / max(hard_ones.sum(), 1)
    weights = np.where(hard_ones, each_hard, 1.0)
    fitted, _ = logistic(sp.csr_matrix(np.array(traits)), np.array(truth), 1.0, rounds=300, weights=weights)
    rows = fitted.reshape(1 + by_channel.shape[1], -1)
    return [[round(float(each), 4) for each in row] for row in rows]


def blended_scores(
    experts: Experts,
    steps: Steps,
    weights: list[list[float]],
    texts: Sequence[str],
    channels: Sequence[str | None],
) -> Floats:
    """The log-odds that the engine will give each text."""
    scores, shares = experts.mix(texts, channels)
    scores = calibrated(experts, steps, scores, shares)
    by_channel = (shares @ channel_matrix(experts.channels)).tolist()
    as_review = _review_shares(experts, shares)
    lexicon = default_lexicon()
    for index, text in enumerate(texts):
        folded = fold(text)
        score, length = float(scores[index]), len(folded.codes)
        if wants_rules(score, length, as_review[index]):
            values = blend_traits(score, length, read(folded.text, lexicon))
            scores[index] = blend(values, weights, by_channel[index])
    return scores


def _review_shares(experts: Experts, shares: Floats) -> list[float]:
    own = np.array([channel == "review" for channel in experts.channels])
    as_review: list[float] = shares[:, own].sum(axis=1).tolist()
    return as_review


def channel_matrix(channels: Sequence[str]) -> NDArray[np.float64]:
    """[experts, channels] one where the expert belongs to the channel, channels in the order of their first expert."""
    names = list(dict.fromkeys(channels))
    return np.array([[float(own == name) for name in names] for own in channels])
