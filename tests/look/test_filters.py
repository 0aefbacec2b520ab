"""What templates say: times as people say them, telling words marked, attributes escaped."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.look import ago, attributes, figure, first_character, marked_parts, pinyin_keys, tint

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=3), "3 分钟前"),
        (timedelta(hours=2), "2 小时前"),
        (timedelta(hours=18), "昨天 18:00"),
        (timedelta(days=70), "9月13日"),
        (timedelta(days=400), "2025年10月18日"),
        (timedelta(hours=-2), "2026-11-22 14:00"),
    ],
)
def test_times_are_said_as_people_say_them(app: Flask, before: timedelta, said: str) -> None:
    with app.test_request_context():
        assert ago(NOW - before, NOW) == said


def test_a_naive_time_is_taken_as_utc(app: Flask) -> None:
    with app.test_request_context():
        assert ago((NOW - timedelta(minutes=3)).replace(tzinfo=None), NOW) == "3 分钟前"


def test_telling_words_are_cut_out_in_order() -> None:
    text = "等了三天还没发货，包装倒是挺好看的"
    parts = marked_parts(text, [(13, 16, "positive"), (0, 8, "negative")])
    assert parts == [
        ("等了三天还没发货", "negative"),
        ("，包装倒是", None),
        ("挺好看", "positive"),
        ("的", None),
    ]
    assert marked_parts(text, words=[("不在里面", "negative")]) == [(text, None)]


@given(
    st.text(max_size=30),
    st.lists(
        st.tuples(st.integers(-2, 35), st.integers(-2, 35), st.sampled_from(["negative", "positive"])),
        max_size=6,
    ),
)
def test_parts_always_join_to_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    assert "".join(part for part, _ in marked_parts(text, spans)) == text


def test_attributes_are_escaped_and_false_ones_left_out() -> None:
    given = {"hx_post": "/a?b=1&c=2", "data_x": '"><script>', "disabled": True, "title": None, "class_": "x"}
    assert attributes(given) == (
        ' hx-post="/a?b=1&amp;c=2" data-x="&#34;&gt;&lt;script&gt;" disabled class="x"'
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(9999999, "9,999,999"), (None, "—"), (1.25, "1.2"), (3.0, "3"), ("12 分钟", "12 分钟")],
)
def test_figures_are_grouped(value: object, shown: str) -> None:
    assert figure(value) == shown


def test_people_without_a_picture_get_a_character_and_a_lasting_tint() -> None:
    assert first_character("🌙小满") == "小"
    assert first_character("amy") == "A"
    assert first_character("") == "·"
    assert 0 <= tint("李娜") == tint("李娜") < 8


def test_names_are_found_by_pinyin_and_initials() -> None:
    assert pinyin_keys("咖啡机") == "kafeiji kfj"
