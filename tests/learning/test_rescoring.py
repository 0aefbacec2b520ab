"""Old texts are read again in pieces: a crash repeats nothing, nobody is alarmed again, new posts go first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from socialcrm.community.health.models import GroupDay
from socialcrm.customers.models import Customer, CustomerTag, Tag, TimelineEntry
from socialcrm.database import db, transaction
from socialcrm.desks.learning import rescoring
from socialcrm.events import EventRow
from socialcrm.reacting import drain as drain_some
from socialcrm.reacting import give_way
from socialcrm.sentiment.learning.actions import cancel_rescoring, checked_word, save_word, start_rescoring
from socialcrm.sentiment.learning.models import Rescoring
from socialcrm.sentiment.learning.queries import outdated_texts, version_in_force
from socialcrm.sentiment.models import OpinionAspect, OpinionRow
from socialcrm.service.alerts.models import Alert

from .conftest import Shop


def count(what: object) -> int:
    return db.session.scalar(select(func.count()).select_from(what)) or 0  # type: ignore[arg-type]


def tags_of(customer_id: int) -> set[str]:
    query = select(Tag.code).join(CustomerTag).where(CustomerTag.customer_id == customer_id)
    return set(db.session.scalars(query.where(Tag.kind == "model")))


def praise_the_pinch(shop: Shop) -> None:
    with transaction():
        save_word(shop.cast["admin"], checked_word("咬脚", "positive", 3))


def start(shop: Shop) -> Rescoring:
    with transaction():
        return start_rescoring(shop.cast["manager"])


def reread(run: Rescoring) -> Rescoring:
    db.session.expire_all()
    return db.session.get_one(Rescoring, run.id)


def test_old_texts_follow_and_everything_that_hangs_on_them(shop: Shop) -> None:
    post = shop.say("这双岩鞋太咬脚了，质量太差，我要投诉，马上退款")
    shop.say("新鞋咬脚，质量咬脚")
    shop.drain()
    assert shop.opinion(post).polarity == "negative"
    lina = shop.cast["lina"].customer_id
    alerts, mood = count(Alert), db.session.get_one(Customer, lina).mood
    praise_the_pinch(shop)
    run = start(shop)
    assert run.total == count(OpinionRow) == outdated_texts(version_in_force())
    shop.drain()
    run = reread(run)
    assert (run.state, run.read, run.people) == ("done", run.total, 1) and run.finished_at
    assert outdated_texts(version_in_force()) == 0
    assert count(Alert) == alerts, "an old text raised an alert again"
    assert db.session.scalar(select(func.count()).where(EventRow.name == "TextScored")) == count(OpinionRow)
    after = db.session.get_one(Customer, lina)
    assert mood is not None and after.mood is not None and after.mood > mood
    for row in db.session.scalars(select(OpinionRow)):
        aspects = dict(
            db.session.execute(
                select(OpinionAspect.aspect, OpinionAspect.polarity).where(OpinionAspect.opinion_id == row.id)
            ).all()
        )
        assert aspects == {name: each["polarity"] for name, each in row.answer["aspects"].items()}
        line = db.session.scalar(
            select(TimelineEntry).where(
                TimelineEntry.subject_id == row.subject_id, TimelineEntry.kind == "posted"
            )
        )
        assert line is None or line.facts["polarity"] == row.polarity
    day = db.session.scalars(select(GroupDay)).one()
    negative = db.session.scalar(select(func.count()).where(OpinionRow.polarity == "negative"))
    assert day.negative == negative


def test_tags_are_the_ones_that_the_texts_give_now(shop: Shop) -> None:
    shop.say("东西咬脚，咬脚，太生气了，垃圾，我要投诉退款赔偿")
    shop.drain()
    lina = shop.cast["lina"].customer_id
    assert "complaint_likely" in tags_of(lina)
    with transaction():
        for word in ("咬脚", "垃圾", "太生气", "生气"):
            save_word(shop.cast["admin"], checked_word(word, "positive", 3))
        for word in ("投诉", "退款", "赔偿"):
            save_word(shop.cast["admin"], checked_word(word, "neutral", 0))
    start(shop)
    shop.drain()
    assert "complaint_likely" not in tags_of(lina)


def begun(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Rescoring:
    """A round over six texts, two of which are read."""
    monkeypatch.setattr(rescoring, "TEXTS", 2)
    for number in range(5):
        shop.say(f"第{number}双岩鞋咬脚")
    shop.drain()
    praise_the_pinch(shop)
    run = start(shop)
    drain_some(rounds=1)
    return run


def test_a_round_that_is_cut_off_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(shop, monkeypatch)
    assert (reread(run).read, reread(run).state) == (2, "texts")

    def dies(*_: object) -> None:
        raise RuntimeError("killed in the middle of a piece")

    with monkeypatch.context() as patched:
        patched.setattr(rescoring, "refresh_days", dies)
        drain_some(rounds=1)
    assert reread(run).read == 2 and outdated_texts(version_in_force()) == 4
    with transaction():
        db.session.execute(
            db.text("UPDATE reaction_runs SET due_at = :now WHERE state = 'pending'"),
            {
                "now": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
                if db.engine.dialect.name == "sqlite"
                else datetime(2020, 1, 1, tzinfo=UTC)
            },
        )
    shop.drain()
    assert (reread(run).state, reread(run).read) == ("done", 6) and outdated_texts(version_in_force()) == 0


def test_a_cancelled_round_stops_and_another_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(shop, monkeypatch)
    with transaction():
        cancel_rescoring(shop.cast["manager"], reread(run))
    shop.drain()
    assert (reread(run).state, outdated_texts(version_in_force())) == ("cancelled", 4)
    second = start(shop)
    assert second.id != run.id and second.total == 4
    shop.drain()
    assert (reread(second).state, reread(second).read, outdated_texts(version_in_force())) == ("done", 4, 0)


def test_new_posts_go_ahead_of_the_round(shop: Shop) -> None:
    shop.say("这双岩鞋咬脚")
    shop.drain()
    praise_the_pinch(shop)
    run = start(shop)
    post = shop.say("刚写的新话")
    give_way()
    assert shop.opinion(post).model_version == version_in_force()
    assert reread(run).read == 0
    shop.drain()
    assert reread(run).state == "done"


def test_what_is_taken_away_while_it_is_read_does_not_come_back(shop: Shop) -> None:
    from socialcrm.sentiment.actions import forget_opinion
    from socialcrm.sentiment.learning.events import RescoringPieceDue

    post = shop.say("这双岩鞋咬脚")
    shop.drain()
    praise_the_pinch(shop)
    run = start(shop)
    (piece,) = rescoring.read_pieces([RescoringPieceDue(run.id, 0)])
    with transaction():
        forget_opinion("post", post.id)
        rescoring.carry_out(RescoringPieceDue(run.id, 0), piece)
    assert count(OpinionRow) == 1
