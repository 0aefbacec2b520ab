"""A brand adds words, aspects and a layer to the engine; without one nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.learning.features import SLOTS
from socialcrm.sentiment.learning.layer import Residual, layer_of, packed, unpacked
from socialcrm.sentiment.lexicon import default_lexicon

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def some_weights(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, SLOTS).astype(np.float16).astype(np.float32)


def test_an_empty_brand_changes_no_answer() -> None:
    for text, _, _ in challenge("tune")[:100]:
        assert analyse(text, "review", Brand(default_lexicon())) == analyse(text, "review")


def test_a_layer_survives_being_stored_bit_for_bit() -> None:
    own = Residual({"": 0.25, "post": -0.5}, {"post": 0.1}, some_weights(1))
    layer = layer_of(7, "base", {"polarity": own, "complaint": own, "present:口味": own, "said:包装": own})
    again = unpacked(packed(layer))
    assert (again.number, again.base, set(again.residuals())) == (7, "base", set(layer.residuals()))
    for text, _, _ in challenge("tune")[:50]:
        first, second = (
            analyse(text, "post", Brand(default_lexicon(), layer=each)) for each in (layer, again)
        )
        assert first == second


@pytest.mark.parametrize(("constant", "polarity"), [(9.0, "positive"), (-9.0, "negative")])
def test_a_layer_moves_the_text_its_complaint_and_its_aspects(constant: float, polarity: str) -> None:
    own = Residual({"": constant}, {}, np.zeros(SLOTS, dtype=np.float32))
    layer = layer_of(1, "base", {"polarity": own, "complaint": own, "said:包装": own, "present:口味": own})
    told = analyse(STORY, "post", Brand(default_lexicon(), layer=layer))
    assert told.polarity == polarity and told.aspects["包装"].polarity == polarity
    assert (told.complaint > 0.5) == (constant > 0)
    assert ("口味" in told.aspects) == (constant > 0)
    spans = [span for each in told.aspects.values() for span in each.spans]
    assert all(0 <= start < end <= len(STORY) for start, end in spans)


@pytest.mark.parametrize("text", ["", "\ud800", "差", "啊" * 5000, "１２３ ＡＢＣ\u200d㍿" * 30])
def test_a_brand_reads_anything(text: str) -> None:
    own = Residual({"": 3.0}, {"chat": 0.2}, some_weights(2))
    names = ("polarity", "neutral", "complaint", "present:口味", "said:口味")
    brand = Brand(default_lexicon(), layer=layer_of(1, "base", dict.fromkeys(names, own)))
    for channel in (None, "post", "chat"):
        told = analyse(text, channel, brand)
        assert 0 <= told.probability <= 1 and 0 <= told.complaint <= 1
        for each in told.aspects.values():
            assert all(0 <= start < end <= len(text) for start, end in each.spans)
