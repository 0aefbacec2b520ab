"""The counts are what the opinions say, whatever happened to the texts, in whatever order and however often."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from socialcrm.database import db, transaction, utcnow
from socialcrm.days import today
from socialcrm.sentiment.actions import Text, forget_opinion, record_opinions
from socialcrm.sentiment.engine import AspectOpinion, Opinion
from socialcrm.sentiment.models import OpinionAspect, OpinionRow
from socialcrm.sentiment.trends.actions import _held, begin_anew, recount, recount_as_heard
from socialcrm.sentiment.trends.counting import POLARITIES, Counted, change_of
from socialcrm.sentiment.trends.deriving import derive_day, kept_day, mend_day
from socialcrm.sentiment.trends.hearing import Heard
from socialcrm.sentiment.trends.models import TermWeek, TextTerm, TrendDay
from socialcrm.shop.actions import keep_product

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAYS = (0, 1, 40, 80)
TERMS = ("快递", "没收到", "快递没收到")


def opinion(polarity: str, aspects: dict[str, str]) -> Opinion:
    found = {name: AspectOpinion(each, 0.5, [(0, 1)]) for name, each in aspects.items()}
    return Opinion(polarity, 0.5, found, "", 0, 0.0, [], "test")


@st.composite
def deeds(draw: st.DrawFn) -> tuple[str, int, tuple]:
    """Something that happens to one of six texts, or a delivery of what is due."""
    number = draw(st.integers(1, 6))
    if draw(st.booleans()):
        polarity = st.sampled_from(POLARITIES)
        aspects = draw(st.dictionaries(st.sampled_from(("配送", "包装")), polarity, max_size=2))
        return (
            "score",
            number,
            (draw(polarity), aspects, draw(st.integers(0, 2)), draw(st.sampled_from(DAYS))),
        )
    if draw(st.booleans()):
        products = draw(st.sets(st.integers(0, 1), max_size=2))
        return "hear", number, (products, draw(st.frozensets(st.sampled_from(TERMS))))
    return "forget", number, ()


class Texts:
    """Six texts whose opinions come, change and go; what they speak of is heard late, or again, or never."""

    def __init__(self, products: list[int]) -> None:
        self.products = products
        self.heard: dict[int, Heard] = {}
        self.seen: set[int] = set()

    def score(self, number: int, polarity: str, aspects: dict[str, str], group: int, days: int) -> None:
        place = ("group", group) if group else ("conversation", 5)
        at = utcnow() - timedelta(days=days)
        text = Text("post", number, "", None, *place, "post" if group else "chat", at)
        record_opinions([(text, opinion(polarity, aspects))])

    def hear(self, number: int, products: set[int], terms: frozenset[str]) -> None:
        row = self.opinion_id(number)
        if row is not None:
            self.heard[row] = Heard(row, tuple(self.products[each] for each in sorted(products)), terms)
            recount([self.heard[row]])

    def forget(self, number: int) -> None:
        forget_opinion("post", number)

    def opinion_id(self, number: int) -> int | None:
        found = db.session.scalar(select(OpinionRow.id).where(OpinionRow.subject_id == number))
        if found is not None:
            self.seen.add(found)
        return found

    def deliver_everything(self) -> None:
        for number in range(1, 7):
            self.opinion_id(number)
        recount([self.heard.get(each, Heard(each)) for each in sorted(self.seen)])


def term_counts() -> dict[tuple, int]:
    rows = db.session.scalars(select(TermWeek))
    return {(row.week, row.group_id, row.term): row.texts for row in rows if row.texts}


def terms_from_texts() -> dict[tuple, int]:
    from socialcrm.days import day_of
    from socialcrm.sentiment.trends.days import week_of

    counts: dict[tuple, int] = {}
    found = select(TextTerm.term, OpinionRow.at, OpinionRow.place, OpinionRow.place_id)
    for row in db.session.execute(found.join(OpinionRow, OpinionRow.id == TextTerm.opinion_id)):
        for group in {0, row.place_id} if row.place == "group" else {0}:
            key = (week_of(day_of(row.at, ZoneInfo("Asia/Shanghai"))), group, row.term)
            counts[key] = counts.get(key, 0) + 1
    return counts


def wipe() -> None:
    begin_anew()
    for model in (OpinionAspect, OpinionRow):
        db.session.execute(delete(model))
    db.session.expunge_all()


@pytest.fixture
def products(app: Flask) -> list[int]:
    with transaction():
        return [keep_product(code, code, 100, "CNY").id for code in ("p1", "p2")]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(deeds(), max_size=14))
def test_the_days_equal_the_opinions(products: list[int], happened: list) -> None:
    with transaction():
        wipe()
        texts = Texts(products)
        for deed, number, facts in happened:
            getattr(texts, deed)(number, *facts)
            texts.opinion_id(number)
        texts.deliver_everything()
        texts.deliver_everything()
        for back in DAYS:
            day = today() - timedelta(days=back)
            assert kept_day(day) == derive_day(day)
        assert term_counts() == terms_from_texts()


def test_a_drifted_day_is_mended(products: list[int]) -> None:
    with transaction():
        texts = Texts(products)
        texts.score(1, "negative", {"配送": "negative"}, 1, 0)
        texts.score(2, "positive", {}, 1, 0)
        texts.deliver_everything()
        assert mend_day(today()) == 0
        db.session.execute(delete(TrendDay).where(TrendDay.aspect == "配送"))
        assert mend_day(today()) == 2
        assert kept_day(today()) == derive_day(today())


def test_mending_does_not_count_a_text_twice_whose_reaction_is_still_to_come(products: list[int]) -> None:
    with transaction():
        texts = Texts(products)
        texts.score(1, "negative", {}, 1, 0)
        mend_day(today())
        texts.deliver_everything()
        assert kept_day(today()) == derive_day(today())
        assert sum(counts[0] for counts in kept_day(today()).values()) == 2  # the group, and the whole brand


def test_texts_heard_before_keep_their_products_when_read_again(products: list[int]) -> None:
    with transaction():
        texts = Texts(products)
        texts.score(1, "negative", {}, 1, 0)
        texts.hear(1, {0}, frozenset(TERMS))
        texts.score(1, "positive", {}, 1, 0)
        recount_as_heard(sorted(texts.seen | {texts.opinion_id(1)}))
        rows = db.session.scalars(select(TrendDay).where(TrendDay.product_id == products[0]))
        assert [(row.negative, row.positive) for row in rows] == [(0, 1), (0, 1)]


def test_what_stays_the_same_changes_nothing() -> None:
    counted = Counted(NOW.date(), 3, "post", (7,), (("", "negative"), ("配送", "negative")), None)
    assert not change_of(counted, counted)
    assert len(change_of(None, counted)) == 2 * 2 * 2
    assert Counted.from_json(counted.to_json()) == counted


def test_the_nightly_check_and_a_worker_never_wait_for_each_other(app: Flask) -> None:
    """A worker holds its texts and then adds to the days; the check wants both as well."""
    scored = [(Text("post", 1, "慢", None, "group", 1, "post", utcnow()), opinion("negative", {}))]
    with transaction():
        record_opinions(scored)
    number = db.session.scalars(select(OpinionRow.id)).one()
    heard = [Heard(number, (), frozenset())]
    wrong: list[Exception] = []

    def check() -> None:
        with app.app_context():
            try:
                with transaction():
                    mend_day(today())
            except Exception as error:
                wrong.append(error)

    night = threading.Thread(target=check)
    with transaction():
        _held([number])
        if db.session.connection().dialect.name == "postgresql":
            # On SQLite the check waits until this transaction is over before it begins.
            night.start()
            night.join(0.5)
        recount(heard)
    if not night.ident:
        night.start()
    night.join()
    assert wrong == [] and derive_day(today()) == kept_day(today()) != {}
