"""Text to tokens and queries to conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.search.analysis import fold, parse, sound_tokens, written_tokens


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＫＡＦＥＩ１２", "kafei12"),
        ("咖啡機", "咖啡机"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("西安's", "西安s"),
        ("㎏", "kg"),
        ("瞭解", "了解"),
        ("한글", "한글"),
    ],
)
def test_folding_makes_spellings_equal(text: str, folded: str) -> None:
    assert fold(text).text == folded


@given(st.text(max_size=60))
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)
    assert len(folded.origin) == len(folded.text) + 1
    assert list(folded.origin) == sorted(folded.origin)
    assert folded.origin[-1] == len(text)


@given(st.text(max_size=80))
def test_tokens_survive_any_tokenizer(text: str) -> None:
    for token in (written_tokens(text) + " " + sound_tokens(text, 6)).split():
        assert all(character.isalnum() for character in token)
        assert token == token.casefold()
        assert len(token) <= 64


def test_written_tokens_hold_pairs_words_and_bridges_over_stop_words() -> None:
    tokens = written_tokens("发货太慢了").split()
    assert {"发货", "货慢", "慢"} <= set(tokens)
    assert written_tokens("意式咖啡机").split().count("咖啡") == 2  # a pair and a dictionary word
    assert "8000" in written_tokens("电话13800138000").split()
    assert {"k380", "k", "380"} <= set(written_tokens("K380").split())


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("意式咖啡机", {"kafeiji", "kfj", "kafei", "kf", "yishikafeiji"}),
        ("王强", {"wangqiang", "wq"}),
        ("重庆", {"chongqing", "cq"}),
        ("绿茶", {"lvcha", "lucha", "lc"}),
    ],
)
def test_sound_tokens_hold_pinyin_and_initials(text: str, sounds: set[str]) -> None:
    assert sounds <= set(sound_tokens(text, 6).split())


def test_sounds_do_not_begin_or_end_with_stop_words() -> None:
    assert "lesantian" not in sound_tokens("我等了三天还没发货", 4).split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("发货慢", ("发货", "慢")),
        ("咖啡机的清洗", ("咖啡机", "清洗")),
        ("售后服务", ("售后", "服务")),
        ("手冲壶漏水怎么办", ("手冲壶", "漏水")),
        ("的", ("的",)),
        ("Café 拉花", ("cafe", "拉花")),
    ],
)
def test_a_query_names_what_must_be_found(text: str, words: tuple[str, ...]) -> None:
    query = parse(text)
    assert query is not None
    assert query.words == words


@pytest.mark.parametrize("text", ["", "   ", "!!!", "。,、", "🙂"])
def test_nothing_to_look_for(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=300))
def test_any_text_is_a_query_or_none(text: str) -> None:
    query = parse(text)
    assert query is None or all(clause.weight > 0 for reading in query.readings for clause in reading)


def test_pinyin_with_blanks_is_also_read_as_one_word() -> None:
    query = parse("ka fei ji")
    assert query is not None
    assert len(query.readings) == 2
    assert "kafeiji" in query.sounds
