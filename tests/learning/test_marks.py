"""A marked passage teaches where an aspect is spoken of, and what is said there. All sentences are our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from socialcrm.community.topics.actions import edit_post
from socialcrm.database import db, transaction
from socialcrm.desks.learning.teaching import lessons_of
from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.learning.actions import ask_for_layer, use_version
from socialcrm.sentiment.learning.features import SLOTS, slots_of
from socialcrm.sentiment.learning.layer import Residual, layer_of, packed, unpacked
from socialcrm.sentiment.learning.lessons import Lesson
from socialcrm.sentiment.learning.models import LayerVersion
from socialcrm.sentiment.learning.queries import brand_in_force, told_by_staff
from socialcrm.sentiment.learning.training import Taught, marks, teach
from socialcrm.sentiment.lexicon import default_lexicon

from .conftest import MEANT, Shop, sayings

ASPECT = "直播"
#: What is said of the broadcasts, and what the brand takes it for.
SAID = {
    "主播讲得很细": "positive",
    "直播里演示得很清楚": "positive",
    "主播有问必答": "positive",
    "看直播学到不少手法": "positive",
    "主播一直在催单": "negative",
    "直播画面卡得看不清": "negative",
    "主播答非所问": "negative",
    "直播间吵得听不见": "negative",
}
#: The rest of the texts: other things, praised and blamed.
BEFORE = "豆子香得很 物流慢了两天 包装有点压坏 价格涨了一些 杯子颜色好看 昨天刚下的单".split()
AFTER = "下次还会买 味道一般般 客服回得挺快 家里人都喜欢 有点失望 准备送给同事".split()
PLAIN = Brand(default_lexicon())


def texts() -> list[tuple[str, str, str]]:
    """(text, the passage in it, what it says): 288 of them, everything beside everything."""
    return [
        (f"{before}，{passage}，{after}。", passage, value)
        for before in BEFORE
        for after in AFTER
        for passage, value in SAID.items()
    ]


def others() -> list[str]:
    return [f"{before}，{middle}，{after}。" for before in BEFORE for middle in AFTER for after in AFTER[::2]]


def lessons(count: int) -> list[Lesson]:
    mixed = np.random.default_rng(3).permutation(len(texts()))[:count]
    chosen = [texts()[each] for each in mixed]
    return [
        Lesson(
            key,
            text,
            "post",
            aspects={ASPECT: value},
            spans={ASPECT: (text.index(passage), text.index(passage) + len(passage))},
        )
        for key, (text, passage, value) in enumerate(chosen)
    ]


def taught(given: Sequence[Lesson]) -> Taught:
    return teach(given, [(text, "post") for text in others()[::2]], PLAIN, 1)


def share_found(brand: Brand) -> tuple[float, float, float]:
    """Of texts never learned from: (found at the passage, judged rightly there, found where nothing speaks of it)."""
    rest = [each for each in texts() if each[0] not in {lesson.text for lesson in lessons(40)}]
    found = right = 0
    for text, passage, value in rest:
        told = analyse(text, "post", brand).aspects.get(ASPECT)
        start = text.index(passage)
        if told is not None and told.spans == [(start, start + len(passage))]:
            found += 1
            right += (told.probability >= 0.5) == (value == "positive")
    wrong = [text for text in others()[1::2] if ASPECT in analyse(text, "post", brand).aspects]
    return found / len(rest), right / len(rest), len(wrong) / len(others()[1::2])


@pytest.mark.slow
def test_marked_passages_teach_more_than_the_same_corrections_unmarked() -> None:
    given = lessons(40)
    marked, unmarked = (
        replace(PLAIN, layer=taught(each).layer)
        for each in (given, [replace(one, spans={}) for one in given])
    )
    found, right, wrong = share_found(marked)
    assert found > 0.9 and right > 0.8 and wrong < 0.05
    assert share_found(unmarked)[1] < right - 0.1


@pytest.mark.slow
def test_a_layer_of_marks_is_judged_by_where_it_points() -> None:
    result = taught(lessons(40))
    assert result.reason == "" and f"passage:{ASPECT}" in result.questions
    assert result.held_back.after > result.held_back.before
    (lesson,) = lessons(1)
    pointed = analyse(lesson.text, "post", replace(PLAIN, layer=result.layer))
    assert marks(lesson, pointed) == [True, True]
    assert marks(replace(lesson, spans={ASPECT: (0, 3)}), pointed) == [True, False]


@pytest.mark.slow
def test_too_few_marks_are_learned_as_before() -> None:
    given = lessons(24)
    few = [*given[:4], *(replace(each, spans={}) for each in given[4:])]
    assert not any(name.startswith(("passage:", "said_there:")) for name in taught(few).questions)


@pytest.mark.slow
def test_a_mark_of_polarity_makes_its_passage_weigh_more() -> None:
    right = {"marked": 0, "unmarked": 0}
    for seed in (1, 2, 3):
        said = [sayings()[each] for each in np.random.default_rng(seed).permutation(len(sayings()))]
        words = [next(word for word in MEANT if word in text) for text, _ in said]
        given = [
            Lesson(key, text, "post", value, shown_by=(text.index(word), text.index(word) + len(word)))
            for key, ((text, value), word) in enumerate(zip(said[:24], words, strict=False))
        ]
        right["marked"] += judged_right(given, said[40:])
        right["unmarked"] += judged_right([replace(each, shown_by=None) for each in given], said[40:])
    assert right["marked"] > right["unmarked"] * 1.2


def judged_right(given: Sequence[Lesson], unseen: Sequence[tuple[str, str]]) -> int:
    brand = replace(PLAIN, layer=taught(given).layer)
    return sum(
        (analyse(text, "post", brand).probability >= 0.5) == (value == "positive") for text, value in unseen
    )


def test_a_passage_weighs_the_same_alone_and_in_its_text() -> None:
    weights = np.random.default_rng(1).normal(0, 0.1, SLOTS).astype(np.float16).astype(np.float32)
    own = Residual({"": 0.25, "post": -0.5}, {"post": 0.1}, weights)
    codes = fold("差。主播讲得很细，包装一般!!!好").codes
    bounds = [(0, 2), (2, 9), (9, 16), (16, 17), (0, 17), (3, 4)]
    for channel in ("post", None):
        shifts = own.of_passages(slots_of(codes, channel), bounds, [2.0] * len(bounds), channel)
        alone = [own.shift(codes[start:end], 2.0, channel) for start, end in bounds]
        assert shifts == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", "\ud800", "差", "!!!", "啊" * 30_000, "１２，\u200dＡＢ。\u200d㍿！" * 30]
)
def test_passages_are_looked_for_in_anything(text: str) -> None:
    weights = np.random.default_rng(2).normal(0, 0.5, SLOTS).astype(np.float16).astype(np.float32)
    own = Residual({"": 1.0}, {}, weights)
    layer = layer_of(1, "", dict.fromkeys((f"passage:{ASPECT}", f"said_there:{ASPECT}", "passage:物流"), own))
    assert set(unpacked(packed(layer)).residuals()) == set(layer.residuals())
    for channel in (None, "post", "chat"):
        told = analyse(text, channel, replace(PLAIN, layer=layer))
        assert all(
            0 <= start < end <= len(text) for each in told.aspects.values() for start, end in each.spans
        )


@pytest.mark.slow
def test_what_staff_mark_is_found_in_other_posts(shop: Shop) -> None:
    chosen = [texts()[each] for each in np.random.default_rng(4).permutation(len(texts()))[:45]]
    posts = [(shop.say(text), passage, value) for text, passage, value in chosen]
    for text in others()[::9]:
        shop.say(text)
    shop.drain()
    for post, passage, value in posts:
        start = post.text.index(passage)
        shop.correct(post, value, what="aspect", aspect=ASPECT, span=(start, start + len(passage)))
    with transaction():
        version = ask_for_layer(shop.cast["manager"])
    shop.drain()
    db.session.expire_all()
    assert version.state == "accepted" and f"passage:{ASPECT}" in version.figures["questions"]
    text = "昨天收到的，主播讲得真细，杯子也好看。"
    fresh = shop.say(text)
    shop.drain()
    assert shop.opinion(fresh).answer["aspects"][ASPECT]["spans"] == [[6, 12]]
    with transaction():
        use_version(shop.cast["manager"], None)
    assert brand_in_force() is None
    with transaction():
        use_version(shop.cast["manager"], version.id)
    assert analyse(text, "post", brand_in_force()).to_json() == shop.opinion(fresh).answer
    assert db.session.query(LayerVersion).count() == 1


def test_an_edited_post_forgets_its_marks(shop: Shop) -> None:
    post, kept = shop.say("豆子香得很，主播讲得很细。"), shop.say("主播有问必答。")
    shop.drain()
    for each, span in ((post, (6, 12)), (kept, (0, 6))):
        shop.correct(each, "positive", what="aspect", aspect=ASPECT, span=span)
        shop.correct(each, "positive", span=span)
    lina = shop.cast["lina"]
    with transaction():
        edit_post(post.id, "主播讲得很细。", editor_id=lina.customer_id, acting=lina.id, version=1)
    shop.drain()
    found = {lesson.text: lesson for lesson in lessons_of(told_by_staff())}
    first, second = found["主播讲得很细。"], found["主播有问必答。"]
    assert (first.aspects, first.spans, first.shown_by) == ({ASPECT: "positive"}, {}, None)
    assert (second.spans, second.shown_by) == ({ASPECT: (0, 6)}, (0, 6))
