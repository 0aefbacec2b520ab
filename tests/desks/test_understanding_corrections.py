"""Staff correct what was read: several places in one form, who and when shown, taken back, nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.database import db
from socialcrm.desks.understanding.correcting import AspectChoice, Change, changes_of, span_of
from socialcrm.errors import Invalid
from socialcrm.sentiment.models import Correction
from tests.community.conftest import Village, count_queries, village

__all__ = ["count_queries", "village"]

ClientOf = Callable[[Account], FlaskClient]
STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def post(village: Village, drain: Callable[[], int]) -> int:
    topic = village.topic("水温", STORY)
    drain()
    assert topic.first_post_id
    return topic.first_post_id


def choices(**more: str) -> dict[str, str]:
    return {f"fix-{name}": value for name, value in more.items()}


def stored() -> list[tuple[Any, ...]]:
    rows = db.session.scalars(
        select(Correction).order_by(Correction.id).execution_options(populate_existing=True)
    )
    return [(row.what, row.aspect, row.value, row.span_start, row.span_end, row.reason) for row in rows]


def test_one_form_corrects_several_places(village: Village, post: int, client_of: ClientOf) -> None:
    agent = client_of(village.cast["agent"])
    data = choices(polarity="neutral", complaint="no", reason="只是提了一句", quote="太失望了") | {
        "fix-aspects-0-name": "包装",
        "fix-aspects-0-value": "neutral",
        "fix-aspects-0-quote": "挺好看的",
        "fix-aspects-0-start": "26",
        "fix-aspects-1-name": "客服",
        "fix-aspects-1-value": "",
        "fix-aspects-2-name": "物流包装",
        "fix-aspects-2-value": "absent",
    }
    answer = agent.post(f"/desk/why/post/{post}/corrections", data=data, headers=HTMX)
    assert answer.status_code == 200
    start = STORY.index("挺好看的")
    assert stored() == [
        ("polarity", None, "neutral", STORY.index("太失望了"), STORY.index("太失望了") + 4, "只是提了一句"),
        ("complaint", None, "no", None, None, "只是提了一句"),
        ("aspect", "包装", "neutral", start, start + 4, "只是提了一句"),
        ("aspect", "物流包装", "absent", None, None, "只是提了一句"),
    ]
    for shown in ("客服小周", "整体：中性", "不是投诉", "包装：中性", "「挺好看的」", "刚刚"):
        assert shown in answer.text
    hint = json.loads(answer.headers["HX-Trigger"])
    assert hint["toast"]["undo"] == "/desk/corrections/withdraw?ids=1,2,3,4" and "corrected" in hint
    deeds = db.session.scalars(select(AuditEntry.deed)).all()
    assert deeds.count("correct_opinion") == 4
    agent.post(hint["toast"]["undo"])
    assert {row.withdrawn_by_id for row in db.session.scalars(select(Correction))} == {
        village.cast["agent"].id
    }
    assert "整体：中性" not in agent.get(f"/desk/why/post/{post}").text


def test_what_was_typed_is_kept_when_something_is_missing(
    village: Village, post: int, client_of: ClientOf
) -> None:
    agent, where = client_of(village.cast["agent"]), f"/desk/why/post/{post}/corrections"
    quote = choices(polarity="positive", reason="说的是反话<b>") | {
        "fix-aspects-0-name": "口味",
        "fix-aspects-0-value": "negative",
        "fix-aspects-0-quote": "不在原文里",
    }
    for data, sentence in (
        (choices(reason="说的是反话<b>"), "还没有改动"),
        (quote, "原文里没有这句话"),
        (choices(polarity="negative", quote="不在原文里", reason="<"), "原文里没有这句话"),
        (quote | {"fix-aspects-0-name": " "}, "写上方面的名字"),
        (quote | {"fix-polarity": "absent"}, "field__error"),
        (quote | {"fix-reason": "长" * 501}, "原因最多 500 个字"),
    ):
        for headers in ({}, HTMX):
            answer = agent.post(where, data=data, headers=headers)
            assert answer.status_code == 422 and sentence in answer.text
            assert data["fix-reason"].replace("<", "&lt;").replace(">", "&gt;") in answer.text
            assert ("<html" in answer.text) == (not headers)
            assert "data-correct open" in answer.text
            if "fix-aspects-0-quote" in data:
                assert 'value="不在原文里"' in answer.text
    assert stored() == []


def test_one_press_tells_what_went_wrong(village: Village, client_of: ClientOf) -> None:
    topic = village.topic("水温", STORY)
    agent, data = client_of(village.cast["agent"]), choices(polarity="positive") | {"quick": "1"}
    answer = agent.post(f"/desk/why/post/{topic.first_post_id}/corrections", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert "还没有读过" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]


def test_without_scripts_one_comes_back_to_the_page(village: Village, post: int, client_of: ClientOf) -> None:
    manager = client_of(village.cast["manager"])
    answer = manager.post(f"/desk/why/post/{post}/corrections", data=choices(complaint="no"))
    assert answer.status_code == 303 and answer.location == f"/desk/why/post/{post}"
    assert "记下了" in manager.get(answer.location).text and "运营小林" in manager.get(answer.location).text


def test_customers_correct_nothing(
    village: Village, post: int, client_of: ClientOf, client: FlaskClient
) -> None:
    where, data = f"/desk/why/post/{post}/corrections", choices(polarity="positive")
    assert client.post(where, data=data).status_code == 302
    lina = client_of(village.cast["lina"])
    assert lina.post(where, data=data).status_code == 403
    assert lina.get(f"/desk/why/post/{post}/strip").status_code == 403
    assert (
        client_of(village.cast["agent"]).post("/desk/why/post/999/corrections", data=data).status_code == 404
    )
    assert stored() == []


def test_a_colleagues_correction_is_taken_back_by_who_leads(
    village: Village, post: int, client_of: ClientOf
) -> None:
    cast = village.cast
    client_of(cast["manager"]).post(f"/desk/why/post/{post}/corrections", data=choices(polarity="positive"))
    for who, status in (("agent", 403), ("lina", 403), ("lead", 303)):
        assert client_of(cast[who]).post("/desk/corrections/withdraw?ids=1").status_code == status
    agent = client_of(cast["agent"])
    for ids in ("", "999", "x", "9" * 30):
        assert agent.post(f"/desk/corrections/withdraw?ids={ids}").status_code == 404
    page = agent.get(f"/desk/why/post/{post}").text
    assert "撤回" not in page


def test_one_foreign_correction_among_own_takes_nothing_back(
    village: Village, post: int, client_of: ClientOf
) -> None:
    where = f"/desk/why/post/{post}/corrections"
    client_of(village.cast["agent"]).post(where, data=choices(polarity="positive"))
    client_of(village.cast["manager"]).post(where, data=choices(complaint="no"))
    assert client_of(village.cast["agent"]).post("/desk/corrections/withdraw?ids=1,2").status_code == 403
    assert db.session.scalars(select(Correction.withdrawn_at)).all() == [None, None]


def test_the_strip_shows_what_colleagues_said(
    village: Village, post: int, client_of: ClientOf, count_queries: Any
) -> None:
    agent = client_of(village.cast["agent"])
    where = f"/desk/why/post/{post}"
    assert "同事的纠正" not in agent.get(f"{where}/strip").text
    for _ in range(5):
        agent.post(f"{where}/corrections", data=choices(polarity="positive", reason="<i>反话</i>"))
    with count_queries() as statements:
        page = agent.get(f"{where}/strip").text
    assert "整体：正面" in page and "&lt;i&gt;反话" in page and "为什么" in page
    assert len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]) <= 8


def test_forms_need_their_token(app: Flask, village: Village, post: int, client_of: ClientOf) -> None:
    agent = client_of(village.cast["agent"])
    app.config["WTF_CSRF_ENABLED"] = True
    for path in (f"/desk/why/post/{post}/corrections", "/desk/corrections/withdraw?ids=1"):
        assert agent.post(path, data=choices(polarity="positive")).status_code == 400
    assert stored() == []


def test_a_quote_is_found_where_it_was_marked() -> None:
    text = "😀好喝,真的好喝"
    assert span_of(text, "好喝", 6) == (6, 8) and span_of(text, "好喝", None) == (1, 3)
    assert span_of(text, " 好喝 ", 5) == (1, 3) and span_of(text, "难喝", 1) is None
    assert span_of(text, "  ", 1) is None


def test_changes_come_polarity_first() -> None:
    rows = [AspectChoice("口味", "", "好喝"), AspectChoice("价格", "absent")]
    assert changes_of("好喝", "positive", "", rows) == [
        Change("polarity", "positive"),
        Change("aspect", "absent", "价格"),
    ]
    with pytest.raises(Invalid, match="nothing_corrected"):
        changes_of("好喝", "", "", rows[:1])
