"""The automaton finds what a naive scan finds: leftmost, longest, not overlapping, Latin words only whole, every anchor."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialcrm.sentiment.lexicon import Entry, Lexicon, Pattern, default_lexicon

LETTERS = "好不是的ab👍z[]"
WORD = st.text(st.sampled_from(LETTERS), max_size=4)


def naive(entries: dict[str, Entry], text: str) -> list[tuple[int, int, Entry]]:
    """Every place in turn: the longest word there, unless it is a part of a longer run of Latin letters."""
    found, at = [], 0
    runs = [match.span() for match in re.finditer("[a-zA-Z]+", text)]
    while at < len(text):
        ends = [end for end in range(len(text), at, -1) if text[at:end] in entries]
        if not ends:
            at += 1
            continue
        end = ends[0]
        is_latin = re.fullmatch("[a-zA-Z]+", text[at:end])
        if is_latin and (at, end) not in runs:
            at += 1
            continue
        found.append((at, end, entries[text[at:end]]))
        at = end
    return found


@cache
def without_patterns() -> Lexicon:
    return Lexicon(default_lexicon().entries)


def places(lexicon: Lexicon, text: str) -> list[tuple[int, int, Entry]]:
    return [(word.start, word.end, word.entry) for word in lexicon.find(text)]


@settings(max_examples=400, deadline=None)
@given(st.lists(WORD, max_size=12), st.text(st.sampled_from(LETTERS), max_size=40))
@example(["ab", "b好", "好不"], "aab好不ab")
@example(["", "好"], "不好")
def test_words_are_those_of_a_naive_scan(words: list[str], text: str) -> None:
    entries = {word: Entry(polarity=index + 1.0) for index, word in enumerate(words)}
    assert places(Lexicon(entries), text) == naive(entries, text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(list(default_lexicon().entries)) | st.sampled_from("的了,。 abz"), max_size=30)
)
def test_shipped_words_too(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert places(without_patterns(), text) == naive(default_lexicon().entries, text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(WORD.filter(bool), max_size=8), st.lists(WORD.filter(bool), min_size=1, max_size=3), st.data()
)
def test_a_pattern_is_looked_for_wherever_an_anchor_stands(
    words: list[str], anchors: list[str], data: st.DataObject
) -> None:
    """Inside words, across them, and inside a run of Latin letters, where the same letters would be no word."""
    text = data.draw(st.text(st.sampled_from(LETTERS), max_size=30))
    fact = Entry(cues=frozenset({"wish"}))
    pattern = Pattern(tuple(anchors), re.compile("(?s:.)$"), fact)
    found = Lexicon({word: Entry() for word in words}, [pattern]).find(text)
    assert any(word.entry is fact for word in found) == any(anchor in text for anchor in anchors)


def test_a_pattern_needs_what_stands_beside_its_anchor() -> None:
    fact = Entry(polarity=1.0)
    lexicon = Lexicon({}, [Pattern(("好",), re.compile("不?好"), fact, ("的", "是"))])
    assert lexicon.find("不好") == lexicon.find("是的") == []
    assert places(lexicon, "是不好") == [(1, 3, fact)]
