"""What the experts learn from: labelled texts and made-up ones, their n-grams counted once. Training time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from socialcrm.sentiment import made_up
from socialcrm.sentiment.corpus import Example, written
from socialcrm.sentiment.fitting import Floats, by_length, counted

_MADE_UP_WEIGHT = 0.4
_WRITTEN_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Material:
    """Texts [rows] with `counts` and `features` [rows, keys]; a made-up or written row has `domain` −1.

    A made-up neutral text stands twice, once for either side, with half the weight. `examples` holds the labelled
    texts in the order of their rows; `channels` the channel of each of the sorted `domains`; `author` [rows] who wrote a
    sentence for this project, −1 for all other texts.
    """

    examples: list[Example]
    domains: tuple[str, ...]
    channels: tuple[str, ...]
    keys: NDArray[np.uint32]
    counts: sp.csr_matrix
    features: sp.csr_matrix
    is_positive: NDArray[np.bool_]
    domain: NDArray[np.intp]
    weights: Floats
    author: NDArray[np.intp]

    def of(self, examples: Sequence[Example], without: int | None = None) -> Material:
        """The part with these labelled texts (by their text) and all others but what author `without` wrote; domains that
        fall away are forgotten.
        """
        chosen = {each.text for each in examples}
        kept = [each.text in chosen for each in self.examples]
        is_there = np.array(kept + [True] * (len(self.domain) - len(kept)))
        if without is not None:
            is_there &= self.author != without
        rows = np.flatnonzero(is_there)
        left = [each for each, is_kept in zip(self.examples, kept, strict=True) if is_kept]
        domains = tuple(sorted({each.domain for each in left}))
        places = [domains.index(name) if name in domains else -1 for name in self.domains]
        return Material(
            left,
            domains,
            tuple(self.channels[self.domains.index(name)] for name in domains),
            self.keys,
            self.counts[rows],
            self.features[rows],
            self.is_positive[rows],
            np.array([*places, -1])[self.domain[rows]],
            self.weights[rows],
            self.author[rows],
        )


def gather(examples: Sequence[Example]) -> Material:
    """Polar examples, the made-up texts and the written sentences, with n-grams that occur in three texts or more."""
    sentences = written()
    polar = [each for each in examples if each.label != made_up.NEUTRAL]
    turns = made_up.service_turns()
    made = made_up.negations() + [each for each in turns if each[1] != made_up.NEUTRAL]
    even = [(text, side) for text, label in turns if label == made_up.NEUTRAL for side in (0, 1)]
    domains = tuple(sorted({each.domain for each in polar}))
    channel_of = {each.domain: each.channel for each in polar}
    others = made + even + [(each.text, each.label) for each in sentences]
    texts = [each.text for each in polar] + [text for text, _ in others]
    keys, counts = counted(texts, at_least=3)
    weights = [1.0] * len(polar) + [_MADE_UP_WEIGHT] * len(made) + [_MADE_UP_WEIGHT / 2] * len(even)
    weights += [_WRITTEN_WEIGHT] * len(sentences)
    return Material(
        polar,
        domains,
        tuple(channel_of[name] for name in domains),
        keys,
        counts,
        by_length(counts, texts),
        np.array([each.label == 1 for each in polar] + [label == 1 for _, label in others]),
        np.array([domains.index(each.domain) for each in polar] + [-1] * len(others)),
        np.array(weights),
        np.array([-1] * (len(texts) - len(sentences)) + [each.author for each in sentences]),
    )
