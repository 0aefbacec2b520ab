"""Train the engine's model from labelled texts: `socialcrm sentiment train`. Deterministic; needs only NumPy and SciPy.

Steps: n-grams seen twice or more → the most telling of them → for every domain an expert whose weights are a
shared part, a channel's part and the domain's own part (each scaled by its naive-Bayes ratios) → a gate that
recognises the kind of text → calibration out of fold → further heads (neutral, emotions, aspects).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment.blend import blend, wants_rules
from socialcrm.sentiment.blend import traits as blend_traits
from socialcrm.sentiment.corpus import Example, challenge, made_up_negations
from socialcrm.sentiment.fitting import (
    Floats,
    Group,
    bayes_ratios,
    count_matrix,
    frequent_keys,
    grouped_logistic,
    logistic,
    normalised,
    platt,
)
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.heads import Head
from socialcrm.sentiment.kernel import slots_of
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.model import key_steps, quantised
from socialcrm.sentiment.reading import read

SEED = 20261122
FEATURES = 400_000
_STRENGTH, _CHANNEL_PART, _DOMAIN_PART = 5.0, 1.0, 0.7
_MADE_UP_WEIGHT = 0.5
#: What the challenge's tuning half weighs in the blend's fit, as a share of the plain texts that the rules are asked about.
_HARD_SHARE = 0.26


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
        features = normalised(count_matrix(texts, self.keys))
        gates = features @ self.gate_weights + self.gate_intercepts
        mask = np.array([[channel in (None, own) for own in self.channels] for channel in channels])
        shares = (np.exp(gates - gates.max(axis=1, keepdims=True)) + 1e-12) * mask
        shares /= shares.sum(axis=1, keepdims=True)
        scores = ((features @ self.weights + self.intercepts) * shares).sum(axis=1)
        return np.asarray(scores, dtype=np.float64), np.asarray(shares, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Material:
    texts: list[str]
    is_positive: NDArray[np.bool_]
    domain: NDArray[np.intp]
    weights: Floats
    made_up: int


def _material(examples: Sequence[Example], domains: tuple[str, ...]) -> _Material:
    """Polar examples, and made-up negations dealt out over the domains in turn."""
    polar = [each for each in examples if each.label != 2]
    made = made_up_negations(SEED)
    at = {name: index for index, name in enumerate(domains)}
    return _Material(
        [each.text for each in polar] + [text for text, _ in made],
        np.array([each.label == 1 for each in polar] + [label == 1 for _, label in made]),
        np.array([at[each.domain] for each in polar] + [index % len(domains) for index in range(len(made))]),
        np.array([1.0] * len(polar) + [_MADE_UP_WEIGHT] * len(made)),
        len(made),
    )


def _telling(material: _Material, count: int) -> tuple[NDArray[np.uint32], sp.csr_matrix]:
    """The `count` n-grams that say most in a first quick model, one per slot of the engine's table; and their counts."""
    keys = frequent_keys(material.texts, at_least=2)
    counts = count_matrix(material.texts, keys)
    ratios = bayes_ratios(counts, material.is_positive)
    features = sp.csr_matrix(normalised(counts) @ sp.diags(ratios))
    weights, _ = logistic(features, material.is_positive, _STRENGTH, rounds=25)
    seen = np.bincount(counts.indices, minlength=len(keys))
    telling = np.abs(weights * ratios) * np.sqrt(seen)
    order = np.argsort(-telling, kind="stable")
    _, first = np.unique(slots_of(keys[order]), return_index=True)
    chosen = np.sort(order[np.sort(first)[:count]])
    return keys[chosen], counts[:, chosen].tocsr()


def train_experts(
    examples: Sequence[Example], tell: Callable[[str], None], features: int = FEATURES
) -> Experts:
    """Fit experts and gate; `tell` is called with a line of progress before each step."""
    domains = tuple(sorted({each.domain for each in examples}))
    channel_of = {each.domain: each.channel for each in examples}
    channels = tuple(channel_of[name] for name in domains)
    material = _material(examples, domains)
    tell(f"choosing n-grams from {len(material.texts):,} texts")
    keys, counts = _telling(material, features)
    tell(f"fitting {len(domains)} experts over {len(keys):,} n-grams")
    plain = normalised(counts)
    members = _members(domains, channels)
    ratios = np.stack(
        [
            bayes_ratios(counts[rows], material.is_positive[rows])
            for rows in (np.flatnonzero(part[material.domain]) for part in members)
        ]
    )
    groups = [
        Group(plain[own], material.is_positive[own], material.weights[own])
        for own in (np.flatnonzero(material.domain == index) for index in range(len(domains)))
    ]
    by_domain, intercept = grouped_logistic(groups, members, ratios, _STRENGTH, rounds=80)
    weights = np.ascontiguousarray(by_domain.T)
    tell("fitting the gate")
    real = len(material.texts) - material.made_up
    gate_weights, gate_intercepts = _gate(plain[:real], material.domain[:real], len(domains))
    intercepts = np.full(len(domains), intercept, dtype=np.float32)
    return Experts(keys, domains, channels, weights, intercepts, gate_weights, gate_intercepts)


def _members(domains: tuple[str, ...], channels: tuple[str, ...]) -> NDArray[np.float32]:
    """[parts, domains]: the shared part, each channel's part, each domain's part, with their sizes."""
    parts = [[1.0] * len(domains)]
    parts += [[_CHANNEL_PART * (own == name) for own in channels] for name in dict.fromkeys(channels)]
    parts += [[_DOMAIN_PART * (own == name) for own in domains] for name in domains]
    return np.array(parts, dtype=np.float32)


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
    """Platt (slope, shift) per channel on texts that the experts have not seen; identity for a channel without any."""
    polar = [each for each in held_out if each.label != 2]
    scores, _ = experts.mix([each.text for each in polar], [each.channel for each in polar])
    is_positive = np.array([each.label == 1 for each in polar])
    steps: Steps = {}
    for channel in dict.fromkeys(experts.channels):
        own = np.array([each.channel == channel for each in polar])
        steps[channel] = platt(scores[own], is_positive[own]) if own.sum() > 50 else (1.0, 0.0)
    return steps


def calibrated(experts: Experts, steps: Steps, scores: Floats, shares: Floats) -> Floats:
    """Scores after the Platt steps of the channels, mixed by the experts' shares."""
    by_expert = np.array([steps[channel] for channel in experts.channels])
    slope, shift = (shares @ by_expert).T
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


def assemble(experts: Experts, heads: Sequence[Head]) -> dict[str, NDArray[Any]]:
    """The arrays of the artefact: experts, gate and heads over the union of their n-grams."""
    extra = (
        np.setdiff1d(np.concatenate([each.keys for each in heads]), experts.keys)
        if heads
        else experts.keys[:0]
    )
    _, free = np.unique(slots_of(extra), return_index=True)
    extra = extra[free][~np.isin(slots_of(extra[free]), slots_of(experts.keys))]
    keys = np.union1d(experts.keys, extra)
    arrays: dict[str, NDArray[Any]] = {"key_steps": key_steps(keys)}
    at = np.searchsorted(keys, experts.keys)
    for name, weights in (("expert", experts.weights), ("gate", experts.gate_weights)):
        spread = np.zeros((len(keys), weights.shape[1]), dtype=np.float32)
        spread[at] = weights
        arrays[f"{name}_weights"], arrays[f"{name}_scales"] = quantised(spread)
    arrays["expert_intercepts"], arrays["gate_intercepts"] = experts.intercepts, experts.gate_intercepts
    head_weights = np.zeros((len(keys), len(heads)), dtype=np.float32)
    for column, head in enumerate(heads):
        places = np.minimum(np.searchsorted(keys, head.keys), len(keys) - 1)
        known = keys[places] == head.keys
        head_weights[places[known], column] = head.weights[known]
    arrays["head_weights"], arrays["head_scales"] = quantised(head_weights, kept=1.0)
    arrays["head_intercepts"] = np.array([each.intercept for each in heads], dtype=np.float32)
    return arrays
