"""Nothing crashes the engine, spans lie inside the text, and time grows with the length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import EMOTIONS, analyse, analyse_batch, probabilities, probability
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


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY_TEXT, max_size=5))
def test_many_at_once_get_the_answers_of_one_at_a_time(texts):
    texts = [*texts, "很" * 600, *texts]
    alone = [probability(text, "chat") for text in texts]
    assert probabilities(texts, "chat") == pytest.approx(alone, abs=1e-9)
    assert analyse_batch(texts) == [analyse(text) for text in texts]


def test_many_at_once_ask_the_rules_about_the_same_texts():
    """Thirty characters are the last length that a review's rules are asked about, whichever way its shares add up to one."""
    texts = [(text * 30)[:30] for text, _, _ in challenge("test")]
    alone = [probability(text, "review") for text in texts]
    assert probabilities(texts, "review") == pytest.approx(alone, abs=1e-9)


@pytest.mark.parametrize("before", ["㎏", "㍿", "ﷺ", "\u200d\u200b", "ﷺ㍿\ud800👨‍👩‍👧", "繁體ＡＢＣ…"])
def test_places_are_those_of_the_original_behind_characters_that_fold_to_many_or_none(before):
    text = f"{before}，物流太慢了{before}，客服很耐心"
    found = analyse(text, "review").aspects
    assert [text[start:end] for start, end in found["配送"].spans] == ["物流太慢"]
    assert [text[start:end] for start, end in found["客服"].spans] == ["客服很耐心"]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n\t ", "\u3000", "\u200d", "\ufeff", "\0", "😀", "👨‍👩‍👧" * 9, "。。。", "\ud800"]
)
def test_next_to_nothing_gets_an_answer(text):
    opinion = analyse(text)
    assert opinion.aspects == {} and opinion.urgency == 0
    assert probability(text) == opinion.probability


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["好", "不", "物流太慢了，", "a", "，", "\u200d", "[微笑]", "但是", "是", "ﷺ"]
)
def test_time_grows_with_the_length_and_not_with_its_square(piece):
    def least_seconds(size: int) -> float:
        """The best of three: what else the machine does can only add."""
        text = piece * (size // len(piece.encode()))
        spent = []
        for _ in range(3):
            began = time.process_time()
            analyse(text)
            spent.append(time.process_time() - began)
        return min(spent)

    # Four times the length: four times as long if linear, sixteen if quadratic; the constant is what pages cost at first.
    assert least_seconds(1_000_000) < 8 * least_seconds(250_000) + 0.3
