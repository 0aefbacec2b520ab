"""An explanation is made of the answer's own parts: it sums to the same probability and stays inside the text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import CHANNELS, analyse, probability
from socialcrm.sentiment.explanation import Explanation, Sign, explain
from socialcrm.sentiment.lexicon import default_lexicon

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def signs(why: Explanation, text: str) -> list[tuple[str, str]]:
    return [(text[sign.start : sign.end], sign.kind) for clause in why.clauses for sign in clause.signs]


@pytest.mark.parametrize("channel", [*CHANNELS, None])
def test_the_parts_sum_to_the_answer(channel: str | None) -> None:
    asked = 0
    for text, _, _ in challenge("test"):
        why = explain(text, channel)  # type: ignore[arg-type]
        assert sigmoid(why.total) == pytest.approx(analyse(text, channel).probability, abs=1e-5)  # type: ignore[arg-type]
        assert sigmoid(why.total) == pytest.approx(probability(text, channel), abs=1e-5)  # type: ignore[arg-type]
        assert sigmoid(sum(why.complaint.values())) == pytest.approx(why.opinion.complaint)
        asked += why.rules_asked
        if not why.rules_asked:
            assert why.rules == 0 and why.model_probability == pytest.approx(why.opinion.probability)
    assert asked > 0


def test_the_clauses_say_what_is_good_and_what_is_bad() -> None:
    why = explain(STORY, "review")
    assert [STORY[each.start : each.end] for each in why.clauses] == [
        "等了三天还没发货,",
        "客服一直不理人,",
        "太失望了,",
        "包装倒是挺好看的。",
    ]
    assert [each.model < 0 for each in why.clauses] == [True, True, True, False]
    assert "配送" in why.clauses[0].aspects and "包装" in why.clauses[3].aspects
    worst = min((mark for clause in why.clauses for mark in clause.marks), key=lambda mark: mark.weight)
    assert "失望" in STORY[worst.start : worst.end] and worst.rule is not None
    assert STORY[slice(*why.urgency_words[0])] and why.complaint["words"] > 0


def test_negation_degree_contrast_wish_and_irony_are_named() -> None:
    text = "虽然有点贵,但是味道真的不错"
    why = explain(text, "review")
    assert ("虽然", "although") in signs(why, text) and ("但是", "but") in signs(why, text)
    assert ("真的", "degree") in signs(why, text)
    assert why.clauses[0].weight < 1 < why.clauses[1].weight
    denied = explain("不是不好喝", "review")
    assert any(each.turned for clause in denied.clauses for each in clause.judged)
    assert any(kind == "negate" for _, kind in signs(denied, "不是不好喝"))
    assert ("呵呵", "smirk") in signs(explain("呵呵,服务真好", "chat"), "呵呵,服务真好")
    assert explain("什么时候发货?", "chat").clauses[0].asked


def test_a_negation_that_reaches_nothing_is_told_apart() -> None:
    text = "我没去过那家店"
    assert Sign(1, 2, "lone", -1.0) in explain(text, "post").clauses[0].signs


def test_the_rules_part_is_what_they_changed() -> None:
    why = explain("要是快一点就好了", "post")
    assert why.rules_asked and why.rules < 0
    assert sigmoid(why.total - why.rules) == pytest.approx(why.model_probability)


def test_a_brands_words_are_seen() -> None:
    lexicon = default_lexicon().with_aspect_words({"山屿杯": ["山屿杯"]})
    why = explain("山屿杯太难看了", "post", Brand(lexicon))
    assert why.clauses[0].aspects[0] == "山屿杯" and "山屿杯" in why.opinion.aspects


def test_offsets_count_characters_of_what_was_written() -> None:
    text = "😀<script>＆「太失望了」👨‍👩‍👧太棒了\ud83d"
    why = explain(text, "post")
    places = [(mark.start, mark.end) for clause in why.clauses for mark in clause.marks]
    assert any("失望" in text[start:end] for start, end in places)
    assert any("太棒" in text[start:end] for start, end in places)


@given(st.text(max_size=300) | st.text("不没好差,。!?呵呵但是\u200d😀㎏①𠮷", max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_explained_inside_itself(text: str) -> None:
    why = explain(text)
    assert sigmoid(max(-30, min(30, why.total))) == pytest.approx(why.opinion.probability, abs=1e-5)
    for clause in why.clauses:
        for part in (clause, *clause.marks, *clause.signs, *clause.judged):
            assert 0 <= part.start < part.end <= len(text)


def test_a_very_long_text_is_explained_too() -> None:
    text = STORY * 400
    why = explain(text, "review")
    assert sigmoid(why.total) == pytest.approx(why.opinion.probability, abs=1e-5)
    assert why.clauses[-1].end <= len(text)
