"""Marks and excerpts in the original text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.search.analysis import parse
from socialcrm.search.highlight import Piece, excerpt, marked


def shown(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        ("发货慢", "发货太慢了", "[发货]太[慢]了"),
        ("发货太慢", "发货慢", "[发货慢]"),
        ("咖啡机", "意式咖啡機推荐", "意式[咖啡機]推荐"),
        ("kafeiji", "意式咖啡机推荐", "意式[咖啡机]推荐"),
        ("kfj", "意式咖啡机推荐", "意式[咖啡机]推荐"),
        ("ka fei ji", "咖啡机", "[咖啡机]"),
        ("cafe", "Cafe\u0301 CAFÉ", "[Cafe\u0301] [CAFÉ]"),
        ("art", "start Art", "start [Art]"),
        ("kg", "两㎏装", "两[㎏]装"),
        ("售后服务", "售后的服务", "[售后]的[服务]"),
        ("茶", "咖啡", "咖啡"),
    ],
)
def test_marks(asked: str, text: str, expected: str) -> None:
    query = parse(asked)
    assert query is not None
    assert shown(marked(text, query)) == expected


def test_an_excerpt_holds_the_answer_of_a_long_text() -> None:
    query = parse("漏水")
    assert query is not None
    pieces = excerpt("开头很长。" * 60 + "壶嘴漏水了" + "结尾也长。" * 60, query, longest=40)
    text = "".join(piece.text for piece in pieces)
    assert "[漏水]" in shown(pieces)
    assert text.startswith("…")
    assert text.endswith("…")
    assert len(text) == 42


@given(st.text(max_size=80), st.text(alphabet="咖啡机慢发货kafeijiＫ Ａé㎏'", min_size=1, max_size=8))
def test_pieces_join_to_the_text_unchanged(text: str, asked: str) -> None:
    query = parse(asked)
    if query is not None:
        assert "".join(piece.text for piece in marked(text, query)) == text
