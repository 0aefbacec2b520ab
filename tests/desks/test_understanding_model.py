"""The model page: the card's figures, the agreement of staff with the engine, the speed measured here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction, utcnow
from socialcrm.desks.understanding import actions
from socialcrm.desks.understanding.queries import agreement_since
from socialcrm.desks.understanding.sentences import FAILURES
from socialcrm.desks.understanding.showing import bin_points, bin_rows
from socialcrm.sentiment.actions import (
    Text,
    correct_opinion,
    record_opinions,
    score,
    withdraw_correction,
)
from socialcrm.sentiment.agreement import Row, Said, by_aspect, by_polarity, of_complaints
from socialcrm.sentiment.figures import model_bytes, model_figures
from socialcrm.sentiment.learning.models import LayerVersion
from socialcrm.sentiment.models import OpinionRow
from socialcrm.sentiment.queries import opinion_of
from socialcrm.sentiment.speed import measured_speed
from tests.community.conftest import count_queries

__all__ = ["count_queries"]

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]
STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def opinions(*texts: str, days: int = 0) -> list[OpinionRow]:
    """Opinions on posts said `days` ago; ids go on from what is there."""
    first = db.session.query(OpinionRow).count() + 1
    at = utcnow() - timedelta(days=days)
    said = [Text("post", n, text, None, "group", 1, "post", at) for n, text in enumerate(texts, first)]
    scored = score(said)
    with transaction():
        record_opinions(scored)
    return [row for text in said if (row := opinion_of("post", text.subject_id))]


def test_the_page_tells_what_the_card_tells(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast["manager"]).get("/desk/model").text
    figures = model_figures()
    for found in (figures["all"], *figures["held_out"].values()):
        assert f"{100 * found['accuracy']:.1f}%" in page and f"{found['n']:,}" in page
    for source in figures["sources"]:
        assert source["from"] in page
    for failure in figures["known_failures"]:
        assert failure in FAILURES
    assert f"{model_bytes() / 1e6:.1f}" in page and "还没有在这台机器上测过" in page
    for said, found, count in bin_rows(figures["all"]["bins"]):
        assert said in page and found in page and str(count) in page


def test_each_kind_of_text_has_its_own_plot(cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    hotel = model_figures()["held_out"]["hotel"]["bins"]
    assert bin_rows(hotel)[0][1] in agent.get("/desk/model?domain=hotel").text
    assert agent.get("/desk/model?domain=nothing").status_code == 200
    assert bin_points([{"n": 0, "mean_p": None, "share_positive": None}]) == []


def test_it_is_for_staff(cast: Cast, client_of: ClientOf, client: FlaskClient) -> None:
    assert client.get("/desk/model").status_code == 302
    lina = client_of(cast["lina"])
    assert lina.get("/desk/model").status_code == lina.get("/desk/model/speed").status_code == 403
    assert lina.post("/desk/model/speed").status_code == 403


def test_the_speed_is_measured_in_the_background(
    cast: Cast, client_of: ClientOf, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialcrm.flow.measured_speed", lambda: measured_speed(0.02))
    agent = client_of(cast["agent"])
    drain()
    answer = agent.post("/desk/model/speed", headers={"HX-Request": "true"})
    assert "正在后台测量" in answer.text and "every 2s" in answer.text
    agent.post("/desk/model/speed")
    assert actions.is_measuring() and drain() == 1
    assert not actions.is_measuring()
    kept = actions.kept_speed()
    assert kept is not None and kept["polarity"] > kept["whole"] > 0 and 60 <= kept["characters"] <= 71
    page = agent.get("/desk/model/speed").text
    assert f"{kept['polarity']:,}" in page and "再测一次" in page and "every 2s" not in page


def test_a_lost_measurement_can_be_asked_for_again(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        actions.ask_speed(cast["agent"])
    later = utcnow() + actions.LOST_AFTER
    monkeypatch.setattr(actions, "utcnow", lambda: later)
    assert not actions.is_measuring()


def test_staff_beside_the_engine(app: Flask, cast: Cast) -> None:
    story, praise = opinions(STORY, "味道很好喝,喜欢")
    old = opinions(STORY, days=60)[0]
    with transaction():
        correct_opinion(story, cast["agent"], what="polarity", value="negative")
        correct_opinion(praise, cast["agent"], what="polarity", value="negative")
        correct_opinion(praise, cast["lead"], what="polarity", value="neutral")
        correct_opinion(story, cast["agent"], what="aspect", aspect="包装", value="absent")
        correct_opinion(story, cast["agent"], what="aspect", aspect="价格", value="negative")
        correct_opinion(story, cast["agent"], what="complaint", value="yes")
        correct_opinion(old, cast["agent"], what="complaint", value="no")
        taken_back = correct_opinion(old, cast["agent"], what="polarity", value="positive")
        withdraw_correction(taken_back, cast["agent"])
    month = agreement_since(utcnow() - timedelta(days=30))
    assert month.texts == 2
    assert {row.name: row for row in month.polarity}["negative"] == Row("negative", 1, 0, 1)
    assert {row.name: row for row in month.polarity}["positive"] == Row("positive", 1, 1, 0)
    aspects = {row.name: row for row in month.aspects}
    assert aspects["包装"] == Row("包装", 1, 1, 0) and aspects["价格"] == Row("价格", 0, 0, 0, 1)
    assert aspects["配送"] == Row("配送", 1, 0, 0) and month.complaints == Row("complaint", 1, 0, 1)
    quarter = agreement_since(utcnow() - timedelta(days=90))
    assert quarter.texts == 3 and quarter.complaints == Row("complaint", 2, 1, 1)


def test_the_brands_own_version_stands_beside(cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    assert "还没有品牌层" in agent.get("/desk/model").text
    figures = {name: {"n": 40, "before": 31, "after": 37} for name in ("frozen", "held_back")}
    with transaction():
        version = LayerVersion(
            state="accepted", active=True, made_at=utcnow(), finished_at=utcnow(), corrections=120
        )
        version.figures = figures
        db.session.add(version)
    page = agent.get("/desk/model").text
    assert "品牌层第 1 版在用，学自 120 处纠正" in page and "学之前 31，共 40" in page


def test_agreement_counts() -> None:
    said = [
        Said("polarity", None, "positive", "unsure"),
        Said("aspect", "口味", "absent", "negative"),
        Said("aspect", "口味", "absent", None),
        Said("complaint", None, "yes", "no"),
    ]
    assert by_polarity({"unsure": 4}, said)[3] == Row("unsure", 4, 1, 0)
    assert by_polarity({"unsure": 4}, said)[3].share_changed == 0.25
    assert by_polarity({}, said)[0].share_changed is None
    assert by_aspect({"口味": 2}, said) == [Row("口味", 2, 1, 0, 0)]
    assert of_complaints(0, said) == Row("complaint", 0, 0, 0, 1)


def test_the_number_of_queries_does_not_grow(cast: Cast, client_of: ClientOf, count_queries) -> None:
    agent = client_of(cast["agent"])
    counted = []
    for texts in (1, 20):
        for row in opinions(*[STORY] * texts):
            with transaction():
                correct_opinion(row, cast["agent"], what="polarity", value="positive")
        agent.get("/desk/model")
        with count_queries() as statements:
            page = agent.get("/desk/model").text
        counted.append(len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]))
    assert "100.0%" in page
    assert counted[0] == counted[1] <= 12
