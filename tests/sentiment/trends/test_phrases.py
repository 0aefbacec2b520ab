"""Terms of texts, and which of them rise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.sentiment.trends.phrases import (
    LONGEST_TERM,
    MOST_TERMS,
    Term,
    log_odds,
    merged,
    rising,
    terms_of,
)


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("快递一直没到，客服也不回", {"快递", "客服", "快递一直没到"}, {"一直", "也"}),
        ("顺豐停在中轉站三天", {"中转站"}, {"三天"}),
        ("Filter Paper 很厚 https://x.cn/a?b=1", {"filter", "paper", "filter paper"}, {"https"}),
        ("@李娜 [微笑] 豆子不新鲜", {"豆子", "新鲜", "豆子不新鲜"}, {"微笑", "李娜"}),
    ],
)
def test_terms(text: str, there: set[str], absent: set[str]) -> None:
    found = terms_of(text)
    assert there <= found
    assert not absent & found


@given(st.text(max_size=300))
def test_terms_of_anything_are_short_and_few(text: str) -> None:
    found = terms_of(text)
    assert len(found) <= MOST_TERMS
    assert all(1 < len(term) <= LONGEST_TERM for term in found)


def test_a_phrase_does_not_cross_a_clause() -> None:
    assert not any("包装快递" in term for term in terms_of("喜欢包装，快递很快"))


def test_log_odds_point_to_the_side_that_says_it_more() -> None:
    z = log_odds(np.array([20, 5, 1]), 100, np.array([5, 20, 1]), 100)
    assert z[0] > 2 and z[1] < -2 and abs(z[2]) < 0.1
    assert z[0] == pytest.approx(-z[1])


def test_a_rare_word_weighs_less_than_a_frequent_one_of_the_same_ratio() -> None:
    z = log_odds(np.array([3, 60]), 300, np.array([1, 20]), 300)
    assert z[1] > z[0]


def test_rising_terms_come_without_their_parts() -> None:
    found = [("顺丰", 22, 4), ("顺丰停运", 20, 0), ("停运", 21, 1), ("豆子", 40, 160), ("一次性", 2, 0)]
    assert [each.term for each in rising(found, 100, 400)] == ["顺丰停运"]


def test_a_word_that_is_said_in_many_other_ways_stays_beside_its_phrase() -> None:
    terms = [Term("快递没到", 6, 0, 4.0), Term("快递", 30, 20, 3.0)]
    assert merged(terms, 5) == terms


def test_nothing_rises_in_an_empty_week() -> None:
    assert rising([], 0, 10) == []
    assert rising([("a", 2, 0)], 10, 10) == []
