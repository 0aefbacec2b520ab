"""Which products a text belongs to."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.sentiment.trends.attribution import Mentions, products_of, words_of_name
from socialcrm.sentiment.trends.days import Range
from socialcrm.sentiment.trends.intervals import wilson

MENTIONS = Mentions([("手摇磨", 1), ("手摇磨K1", 2), ("码头", 3), ("礼盒", 4), ("礼盒", 5)])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("码头 · 意式拼配 454 克", ("码头意式拼配", "码头")),
        ("七日挂耳礼盒 7 包", ("七日挂耳礼盒",)),
        ("Kalita 185 滤杯(不锈钢)", ("kalita185滤杯不锈钢", "kalita185滤杯")),
        ("豆", ()),
    ],
)
def test_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert words_of_name(name) == words


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("手摇磨 k1 卡住了", (2,)),
        ("手搖磨和碼頭都好", (1, 3)),
        ("这个礼盒真好看", ()),  # the word of two products says nothing of either
        ("豆子不新鲜", ()),
    ],
)
def test_a_text_belongs_to_what_it_mentions(text: str, products: tuple[int, ...]) -> None:
    assert MENTIONS.products_in(text) == products


def test_the_text_goes_before_the_title_and_the_title_before_the_group() -> None:
    about = {9: 1}
    assert products_of(MENTIONS, "码头好喝", "手摇磨 K1 开箱", 9, about) == (3,)
    assert products_of(MENTIONS, "好喝", "手摇磨 K1 开箱", 9, about) == (2,)
    assert products_of(MENTIONS, "好喝", "开箱", 9, about) == (1,)
    assert products_of(MENTIONS, "好喝", "开箱", 8, about) == ()


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert set(MENTIONS.products_in(text)) <= {1, 2, 3}
    assert Mentions([]).products_in(text) == ()


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Wilson's interval as R's prop.test(correct = FALSE) gives it.
    [(0, 10, 0.0, 0.2775), (3, 10, 0.1078, 0.6032), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_wilson(count: int, total: int, low: float, high: float) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


def test_the_range_before_ends_where_the_range_begins() -> None:
    week = Range.ending(date(2026, 11, 22), 7)
    assert (week.first, week.before.last, week.before.length) == (date(2026, 11, 16), date(2026, 11, 15), 7)
    since, until = week.moments(ZoneInfo("Asia/Shanghai"))
    assert (until - since).days == 7
    assert since.hour == 16
