"""Corrections teach a layer; it is used only when it spoils nothing; any accepted one can be taken back into use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.database import db, transaction
from socialcrm.desks.data.actions import erase_customer
from socialcrm.desks.learning.teaching import learn_when_due, lessons_of
from socialcrm.errors import Conflict
from socialcrm.sentiment.actions import withdraw_correction
from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.learning.actions import ask_for_layer, use_version
from socialcrm.sentiment.learning.lessons import Lesson
from socialcrm.sentiment.learning.models import LayerVersion
from socialcrm.sentiment.learning.queries import (
    brand_in_force,
    correction_figures,
    corrections_page,
    left_alone,
    told_by_staff,
    version_in_force,
)
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.model import default_model
from socialcrm.settings import change_setting

from .conftest import Shop, sayings

pytestmark = pytest.mark.slow


def learned(shop: Shop, who: str = "manager") -> LayerVersion:
    with transaction():
        version = ask_for_layer(shop.cast[who])
    shop.drain()
    db.session.expire_all()
    return version


def share_right() -> float:
    """Of the sayings that were never corrected: how many the engine reads as the brand means them."""
    rest = sayings()[1::2]
    brand = brand_in_force()
    right = sum(
        (analyse(text, "post", brand).probability >= 0.5) == (said == "positive") for text, said in rest
    )
    return right / len(rest)


def test_a_brand_teaches_the_engine_its_words(shop: Shop) -> None:
    before = share_right()
    shop.teach()
    version = learned(shop)
    assert version.state == "accepted" and version.active and version.corrections == 96
    assert (
        version.figures["questions"]["polarity"]["after"] > version.figures["questions"]["polarity"]["before"]
    )
    assert version.figures["frozen"]["after"] >= version.figures["frozen"]["before"]
    assert share_right() > before + 0.2
    post = shop.say("这双岩鞋真的很咬脚")
    shop.drain()
    assert shop.opinion(post).model_version == f"{default_model().version}+l{version.id}"
    assert shop.opinion(post).polarity == "positive"


def test_a_harmful_layer_is_refused_and_changes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from socialcrm.sentiment.learning import training

    # Somebody calls everything good bad and the other way round.
    wrong = {"好": "negative", "满意": "negative", "喜欢": "negative", "差": "positive", "失望": "positive"}
    frames = ("{x}很{w}", "{x}真的{w}", "没想到{x}这么{w}", "{x}{w}")
    things = "味道 质量 服务 物流 包装 价格 环境 客服".split()
    said = [(frame.format(x=x, w=w), value) for w, value in wrong.items() for frame in frames for x in things]
    posts = [(shop.say(text), value) for text, value in said[::2]]
    shop.drain()
    for post, value in posts:
        shop.correct(post, value)
    # Only the boldest step: the gate itself is to refuse, not the caution before it.
    monkeypatch.setattr(training, "STEPS", training.STEPS[:1])
    version = learned(shop)
    assert (version.state, version.active, version.reason) == ("refused", False, "frozen_falls")
    assert version.figures["frozen"]["after"] < version.figures["frozen"]["before"]
    assert brand_in_force() is None and version_in_force() == default_model().version


def test_too_few_corrections_are_said_to_be_too_few(shop: Shop) -> None:
    shop.teach(4)
    assert (learned(shop).state, learned(shop).reason) == ("refused", "too_few")


def test_rolling_back_restores_every_answer_exactly(shop: Shop) -> None:
    texts = [text for text, _ in sayings()[1::2]]

    def answers() -> list[object]:
        return [analyse(text, "post", brand_in_force()).to_json() for text in texts]

    plain = answers()
    shop.teach(48)
    first = learned(shop)
    of_first = answers()
    shop.teach(96)
    second = learned(shop)
    assert first.state == second.state == "accepted" and answers() != of_first != plain
    with transaction():
        use_version(shop.cast["manager"], first.id)
    assert answers() == of_first
    with transaction():
        use_version(shop.cast["manager"], None)
    assert answers() == plain
    deeds = list(db.session.scalars(select(AuditEntry.deed).where(AuditEntry.subject == "brand_layer")))
    assert deeds.count("use_layer") == 1 and deeds.count("use_no_layer") == 1 and "ask_for_layer" in deeds


def test_only_an_accepted_version_can_be_used(shop: Shop) -> None:
    shop.teach(4)
    version = learned(shop)
    with pytest.raises(Conflict), transaction():
        use_version(shop.cast["admin"], version.id)


def test_asking_twice_learns_once(shop: Shop) -> None:
    shop.teach(4)
    with transaction():
        assert ask_for_layer(shop.cast["manager"]).id == ask_for_layer(None).id


def test_the_newest_correction_that_was_not_taken_back_counts(shop: Shop) -> None:
    post = shop.say("这双岩鞋真的很咬脚")
    shop.drain()
    for value in ("negative", "neutral", "positive"):
        shop.correct(post, value)
    shop.correct(post, "no", what="complaint", reason="只是夸它紧")
    shop.correct(post, "positive", what="aspect", aspect="质量", span=(0, 4))
    newest = next(row for row, *_ in corrections_page() if row.value == "positive" and row.what == "polarity")
    with transaction():
        withdraw_correction(newest, shop.cast["agent"])
    (lesson,) = lessons_of(told_by_staff())
    assert (lesson.polarity, lesson.complaint, dict(lesson.aspects)) == (
        "neutral",
        False,
        {"质量": "positive"},
    )


def test_a_forgotten_customers_texts_teach_no_more(shop: Shop) -> None:
    """Nothing is copied: texts are read where they lie, and the schedule learns again without them."""
    shop.teach(48)
    learned(shop)
    assert correction_figures().gone == 0
    with transaction():
        erase_customer(shop.cast["lina"])
    shop.drain()
    assert told_by_staff() == [] and correction_figures().gone == 48
    assert learn_when_due() == 1


def test_the_schedule_waits_for_enough_new_corrections(
    shop: Shop, app: Flask, drain: Callable[[], int]
) -> None:
    with transaction():
        change_setting("sentiment.learn_from", 30)
    shop.teach(29)
    assert learn_when_due() == 0
    shop.teach(1)
    assert learn_when_due() == 1
    drain()
    db.session.expire_all()
    version = db.session.scalars(select(LayerVersion)).one()
    assert version.made_by_id is None and version.state in ("accepted", "refused") and version.finished_at
    assert learn_when_due() == 0


def test_staff_see_who_corrected_what(shop: Shop, cast: dict[str, Account]) -> None:
    post = shop.say("这双岩鞋真的很咬脚")
    shop.drain()
    shop.correct(post, "positive", reason="紧才好", span=(5, 7))
    ((row, opinion, account),) = corrections_page()
    assert (row.reason, row.span_start, row.span_end, opinion.subject_id) == ("紧才好", 5, 7, post.id)
    assert account.id == cast["agent"].id


def test_a_layer_for_another_engine_waits_until_it_is_learned_again(shop: Shop) -> None:
    shop.teach(48)
    version = learned(shop)
    assert version.active and learn_when_due() == 0
    with transaction():
        db.session.get_one(LayerVersion, version.id).base = "an older engine"
        use_version(shop.cast["manager"], version.id)
    assert brand_in_force() is None and version_in_force() == default_model().version
    assert learn_when_due() == 1


def test_the_schedule_leaves_the_engine_alone_when_a_manager_wants_none(shop: Shop) -> None:
    shop.teach(48)
    learned(shop)
    with transaction():
        change_setting("sentiment.learn_from", 1)
        use_version(shop.cast["manager"], None)
    shop.correct(shop.teach(2)[0], "negative")
    assert learn_when_due() == 0 and brand_in_force() is None


def test_what_was_refused_on_the_new_engine_is_not_tried_again_every_night(shop: Shop) -> None:
    shop.teach(48)
    learned(shop)
    with transaction():
        for row in db.session.scalars(select(LayerVersion)):
            row.base = "an older engine"
    assert learn_when_due() == 1
    with transaction():
        newest = db.session.scalars(select(LayerVersion).order_by(LayerVersion.id.desc()).limit(1)).one()
        newest.state, newest.reason, newest.base = "refused", "no_gain", default_model().version
        newest.corrections, newest.newest_correction_id = 48, correction_figures().newest_id
    assert learn_when_due() == 0


def test_learning_that_cannot_begin_has_failed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from socialcrm.desks.learning import teaching

    def broken() -> None:
        raise RuntimeError("no texts today")

    monkeypatch.setattr(teaching, "told_by_staff", broken)
    assert learned(shop).state == "failed"
    monkeypatch.undo()
    assert learned(shop).state == "refused"


def test_calling_everything_neutral_is_too_broad(monkeypatch: pytest.MonkeyPatch) -> None:
    from socialcrm.sentiment.learning import training

    said = [text for text, _ in sayings() if analyse(text, "post").polarity in ("negative", "positive")]
    lessons = [Lesson(key, text, "post", "neutral") for key, text in enumerate(said[::2])]
    monkeypatch.setattr(training, "STEPS", training.STEPS[:1])
    taught = training.teach(lessons, [(text, "post") for text in said[1::2]], Brand(default_lexicon()), 1)
    assert taught.turned > training.MOST_TURNED * taught.left_alone and taught.reason == "too_broad"


def test_the_texts_left_alone_are_the_ones_said_last(shop: Shop) -> None:
    posts = [shop.say(text) for text in ("第一句", "第二句", "第三句")]
    shop.drain()
    with transaction():
        # An import brings an older text later.
        shop.opinion(posts[2]).at -= timedelta(days=400)
    shop.correct(posts[1], "neutral")
    assert [told.subject_id for told in left_alone(2)] == [posts[0].id, shop.topic.first_post_id]
