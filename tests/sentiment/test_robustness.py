"""Nothing crashes the engine, spans lie inside the text, and time grows with the length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialcrm.sentiment.engine import EMOTIONS, analyse
from socialcrm.sentiment.folding import fold

ANY_TEXT = st.text(st.characters(codec=None), max_size=200) | st.text(
    st.sampled_from(
        "不没很好差但虽然吗?,。!呵物流客服包装\u200d\ufe0f\ud800\udfff㎡①ﬁＡ繁體👨‍👩‍👧[微笑]\n\0 "
    ),
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(ANY_TEXT)
def test_any_text_gets_an_answer_with_places_inside_it(text):
    opinion = analyse(text)
    assert 0 <= opinion.probability <= 1 and 0 <= opinion.complaint <= 1
    assert opinion.urgency in (0, 1, 2) and opinion.emotion in EMOTIONS
    spans = [span for each in opinion.aspects.values() for span in each.spans]
    spans += [(start, end) for start, end, _ in opinion.words]
    assert all(0 <= start < end <= len(text) for start, end in spans)


@settings(max_examples=80, deadline=None)
@given(ANY_TEXT)
def test_folding_maps_every_place_back(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.codes)
    places = [folded.span(place, place + 1) for place in range(len(folded.codes))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("original", "folded"),
    [
        ("ＧＯＯＤ", "good"),
        ("發貨", "发货"),
        ("㎡", "m2"),
        ("a\u200db", "ab"),
        ("\ud800", "\ufffd"),
        ("①", "1"),
        ("，", ","),
    ],
)
def test_folds(original, folded):
    assert fold(original).text == folded


@pytest.mark.parametrize("piece", ["好", "不", "物流太慢了，", "a", "，", "\u200d", "[微笑]", "但是"])
def test_a_megabyte_takes_seconds_at_most(piece):
    text = piece * (1_000_000 // len(piece.encode()))
    began = time.perf_counter()
    analyse(text)
    assert time.perf_counter() - began < 5
