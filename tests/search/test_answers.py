"""What finds what, in which order, on each engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from socialcrm.errors import Invalid
from socialcrm.search.documents import PUBLIC, Document, Viewer
from socialcrm.search.engine import Engine
from socialcrm.search.queries import search_with
from tests.search.conftest import settle
from tests.search.corpus import documents

EVERYTHING = Viewer(staff=True, every_group=True)
AT = datetime(2026, 11, 1, tzinfo=UTC)


def topic(number: int, title: str, body: str = "", at: datetime = AT) -> Document:
    return Document("topic", number, title, body, f"/topics/{number}", PUBLIC, at)


def found(engine: Engine, text: str) -> list[int]:
    return [hit.id for hit in search_with(engine, text, Viewer()).hits]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("发货慢", "发货太慢了"),
        ("发货慢", "发货真的特别慢"),
        ("发货太慢", "发货慢"),
        ("咖啡机", "意式咖啡机"),
        ("咖啡机", "意式咖啡機"),
        ("咖啡機", "意式咖啡机"),
        ("kafeiji", "意式咖啡机"),
        ("kfj", "意式咖啡机"),
        ("ＫＡＦＥＩＪＩ", "意式咖啡机"),
        ("ｋｆｊ", "意式咖啡机"),
        ("ka fei ji", "意式咖啡机"),
        ("kafe", "意式咖啡机"),
        ("cafe", "Café 推荐"),
        ("V６０", "v60 滤杯"),
        ("售后服务", "售后的服务态度"),
        ("lucha", "绿茶"),
        ("13800138000", "电话 13800138000"),
        ("8000", "电话 13800138000"),
        ("espre", "Espresso 萃取"),
    ],
)
def test_finds(engine: Engine, put: Callable[..., None], asked: str, title: str) -> None:
    put(engine, topic(1, title), topic(2, "今天天气晴朗"), topic(3, "x", body=title))
    assert found(engine, asked) == [1, 3]


@pytest.mark.parametrize(
    "asked", ["茶壶", "zzz", '"', "title:x", "咖啡 AND", "*", "NEAR(", "'; DROP TABLE x"]
)
def test_finds_nothing_and_survives_odd_input(engine: Engine, put: Callable[..., None], asked: str) -> None:
    put(engine, topic(1, "发货太慢了"))
    assert found(engine, asked) == []


def test_a_title_comes_before_a_body_and_the_newer_before_the_older(
    engine: Engine, put: Callable[..., None]
) -> None:
    older = datetime(2026, 10, 1, tzinfo=UTC)
    put(
        engine,
        topic(1, "其他", body="这里提到漏水"),
        topic(2, "漏水问题", at=older),
        topic(3, "漏水问题"),
        topic(4, "漏水"),
    )
    assert found(engine, "漏水") == [4, 3, 2, 1]


def test_a_question_is_answered_loosely_when_nothing_holds_all_of_it(
    engine: Engine, put: Callable[..., None]
) -> None:
    put(engine, topic(1, "咖啡机漏水"), topic(2, "咖啡机"), topic(3, "天气"))
    results = search_with(engine, "我的咖啡机底座漏水应该怎么办", Viewer())
    assert results.loosely
    assert [hit.id for hit in results.hits] == [1]


def test_a_word_the_dictionary_lacks_is_not_found_in_scattered_characters(
    engine: Engine, put: Callable[..., None]
) -> None:
    put(engine, topic(1, "拉花练习"), topic(2, "花店门口拉了横幅"))
    assert found(engine, "拉花") == [1]


def test_replacing_and_removing(engine: Engine, put: Callable[..., None]) -> None:
    put(engine, topic(1, "旧的标题漏水"), topic(2, "漏水"))
    put(engine, topic(1, "新的标题"))
    assert found(engine, "漏水") == [2]
    assert found(engine, "新的标题") == [1]
    engine.remove(["topic:2", "topic:99"], time.time_ns())
    settle(engine)
    assert found(engine, "漏水") == []
    assert engine.count() == 1


def test_pages_follow_each_other_without_gap_or_repeat(engine: Engine, put: Callable[..., None]) -> None:
    put(engine, *documents())
    whole = [hit.url for hit in search_with(engine, "咖啡", EVERYTHING, limit=150).hits]
    paged: list[str] = []
    after = None
    while True:
        page = search_with(engine, "咖啡", EVERYTHING, limit=7, after=after)
        paged += [hit.url for hit in page.hits]
        if (after := page.after) is None:
            break
    assert len(whole) > 40
    assert paged == whole


@pytest.mark.parametrize("after", ["x", "1~2", "a~b~c"])
def test_a_foreign_cursor_is_refused(engine: Engine, after: str) -> None:
    with pytest.raises(Invalid, match="bad_cursor"):
        search_with(engine, "咖啡", EVERYTHING, after=after)


def test_an_unknown_kind_is_refused(engine: Engine) -> None:
    with pytest.raises(Invalid, match="bad_kind"):
        search_with(engine, "咖啡", EVERYTHING, kinds=["secret"])


def test_a_topics_title_finds_the_topic_and_not_each_of_its_replies(
    engine: Engine, put: Callable[..., None]
) -> None:
    reply = Document("reply", 7, "漏水问题", "同意楼上", "/topics/1#reply-7", PUBLIC, AT)
    put(engine, topic(1, "漏水问题"), reply)
    assert [hit.kind for hit in search_with(engine, "漏水", Viewer()).hits] == ["topic"]
    assert [hit.kind for hit in search_with(engine, "同意", Viewer()).hits] == ["reply"]
