"""The engine's word lists: data files read once into one automaton that finds every word and anchor in one pass."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from socialcrm.sentiment.folding import fold


@dataclass(frozen=True, slots=True)
class Entry:
    """What one word can mean; a word may mean several of these at once.

    `polarity` −3..3 with its `emotion`; `negate` and `degree` are factors on what follows (0: none); `cues`
    names from modifiers.tsv and patterns.tsv (but, although, wish, ask, irony, smirk, mock, rival, undo, none, lack) with `urgency` 0–2 and
    `complaint` 0–2; `aspects` maps an aspect to −1, 0 (only names it) or 1. `is_sign`: an emoji, which
    no negation reaches.
    """

    polarity: float = 0.0
    emotion: str = ""
    negate: float = 0.0
    degree: float = 0.0
    cues: frozenset[str] = frozenset()
    urgency: int = 0
    complaint: int = 0
    aspects: Mapping[str, int] = field(default_factory=dict)
    is_sign: bool = False


@dataclass(slots=True)
class Word:
    """A word found at folded [start, end)."""

    start: int
    end: int
    entry: Entry


_ANY = ("",)  # stands in every text


@dataclass(frozen=True, slots=True)
class Pattern:
    """A turn of phrase: its `expression` is looked for in texts that hold one of the `anchors`, and one of those `beside`."""

    anchors: tuple[str, ...]
    expression: re.Pattern[str]
    entry: Entry
    beside: tuple[str, ...] = _ANY

    def may_stand_in(self, text: str) -> bool:
        """Whether it stands in a `text` that holds one of the anchors; false costs less than to look for it with `finditer`."""
        for each in self.beside:
            if each in text:
                return self.expression.search(text) is not None
        return False


_START = attrgetter("start")
_NEAR = 3  # words that may reach over the start of the next one: a phrase, and cues that stand inside it
_ASPECT_SIGN = {"term": 0, "positive": 1, "negative": -1}
# A phrase that judges an aspect is a judgement too, a little stronger than a plain weak word.
_ASPECT_PHRASE_POLARITY = 1.5


def _rows(name: str) -> Iterator[tuple[str, str, list[str]]]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            first, second, words = line.split("\t")
            yield first, second, fold(words).text.split()


class Lexicon:
    """Words and their entries, and patterns of facts. `find` is a leftmost-longest scan, linear in the text."""

    def __init__(self, entries: Mapping[str, Entry], patterns: Sequence[Pattern] = ()) -> None:
        self.entries = dict(entries)
        self.patterns = tuple(patterns)
        self.aspects = tuple(dict.fromkeys(name for each in entries.values() for name in each.aspects))
        anchored: dict[str, list[int]] = {}
        for number, pattern in enumerate(self.patterns):
            for anchor in pattern.anchors:
                anchored.setdefault(anchor, []).append(number)
        sought = [each for each in dict.fromkeys([*self.entries, *anchored]) if each]
        self._finder = AhoCorasick(sought, implementation=Implementation.ContiguousNFA)
        self._entries = [self.entries.get(each) for each in sought]
        self._anchored = [anchored.get(each, ()) for each in sought]

    def find(self, text: str) -> list[Word]:
        """Non-overlapping words of the folded `text`, leftmost and longest first; a pattern takes in the words inside it."""
        entries, anchored = self._entries, self._anchored
        longest: dict[int, tuple[int, Entry]] = {}
        seen: set[int] = set()
        # In the order of their ends: what comes last of those that start at a place is the longest.
        for index, start, end in self._finder.find_matches_as_indexes(text, overlapping=True):
            if (entry := entries[index]) is not None:
                longest[start] = end, entry
            if anchored[index]:
                seen.update(anchored[index])
        found: list[Word] = []
        upto = 0
        for start in sorted(longest):
            end, entry = longest[start]
            if start >= upto and (text[start] > "z" or not _inside_latin_word(text, start, end)):
                found.append(Word(start, end, entry))
                upto = end
        for number in sorted(seen):
            pattern = self.patterns[number]
            if pattern.may_stand_in(text):
                for match in pattern.expression.finditer(text):
                    _take_in(found, match.start(), match.end(), pattern.entry)
        return found

    def with_aspect_words(self, words: Mapping[str, Iterable[str]]) -> Lexicon:
        """A lexicon in which a brand's own words name aspects: aspect → words."""
        entries = dict(self.entries)
        for aspect, own in words.items():
            for word in (fold(each).text for each in own):
                old = entries.get(word, Entry())
                entries[word] = replace(old, aspects={**old.aspects, aspect: old.aspects.get(aspect, 0)})
        return Lexicon(entries, self.patterns)


def _inside_latin_word(text: str, start: int, end: int) -> bool:
    """Whether [start, end) is a part of a longer run of Latin letters."""
    if not (text[start:end].isascii() and text[start:end].isalpha()):
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())


def _take_in(words: list[Word], start: int, end: int, fact: Entry) -> None:
    """Put one word for [start, end) in place of those inside it, which lend it their aspects and cues."""
    first = bisect_left(words, start, key=_START)
    if fact.cues:
        words.insert(first, Word(start, start + 1, fact))
        return
    after = bisect_left(words, end, lo=first, key=_START)
    inside = words[first:after]
    reach_in = any(word.end > start for word in words[max(first - _NEAR, 0) : first])
    if reach_in or any(word.end > end or abs(word.entry.polarity) > abs(fact.polarity) for word in inside):
        return
    words[first:after] = [Word(start, end, _with_what_lies_inside(fact, inside))]


def _with_what_lies_inside(fact: Entry, inside: Sequence[Word]) -> Entry:
    entries = [word.entry for word in inside]
    if not any(each.aspects or each.cues or each.urgency or each.complaint for each in entries):
        return fact
    side = 1 if fact.polarity > 0 else -1
    cues = frozenset().union(*(each.cues for each in entries))
    return replace(
        fact,
        urgency=max(each.urgency for each in entries),
        complaint=max(each.complaint for each in entries),
        cues=cues - _WISHED if side > 0 else cues,
        aspects={name: side if sign else 0 for each in entries for name, sign in each.aspects.items()},
    )


@cache
def default_lexicon() -> Lexicon:
    """The lexicon of the data files of this package."""
    meanings: dict[str, dict[str, Any]] = {}

    def change(words: Iterable[str], **values: object) -> None:
        for word in words:
            meanings.setdefault(word, {}).update(values)

    for aspect, kind, words in _rows("aspects.tsv"):
        sign = _ASPECT_SIGN[kind]
        for word in words:
            own = meanings.setdefault(word, {})
            aspects = own.setdefault("aspects", {})
            aspects[aspect] = sign or aspects.get(aspect, 0)
            if sign:
                own["polarity"] = sign * _ASPECT_PHRASE_POLARITY
    for name in ("polarity.tsv", "signs.tsv"):
        for score, emotion, words in _rows(name):
            change(words, polarity=float(score), emotion=emotion, is_sign=name == "signs.tsv")
    for kind, value, words in _rows("modifiers.tsv"):
        if kind in ("negate", "degree"):
            change(words, **{kind: float(value)})
        elif kind == "plain":
            change(words)
        else:
            for word in words:
                change([word], cues=meanings.get(word, {}).get("cues", frozenset()) | {kind})
    for kind, value, words in _rows("cues.tsv"):
        change(words, **{"urgency" if kind == "urgent" else "complaint": int(value)})
    entries = {word: Entry(**values) for word, values in meanings.items()}
    for word, entry in list(entries.items()):
        if entry.polarity or entry.complaint or entry.urgency:
            entries[word] = _with_parts(word, entry, entries)
    return Lexicon(entries, list(_patterns()))


_WISHED = frozenset({"wish"})  # a good wish as a whole is none to turn round
# Aspects whose words (楼下, 门口) stand in many phrases that do not judge them.
_NOT_INHERITED = frozenset({"商圈", "好找", "交通", "位置", "整体", "推荐", "装修", "空间"})


def _with_parts(word: str, entry: Entry, entries: Mapping[str, Entry]) -> Entry:
    """`entry` with what the shorter words in `word` say of aspects, which its polarity judges, and of complaints."""
    spans = ((start, end) for start in range(len(word)) for end in range(start + 2, len(word) + 1))
    parts = [entries[part] for start, end in spans if (part := word[start:end]) in entries and part != word]
    if not parts:
        return entry
    if not entry.polarity:
        worst = min(parts, key=lambda part: part.polarity)
        entry = replace(entry, polarity=min(worst.polarity, 0.0), emotion=worst.emotion)
    sign = (entry.polarity > 0) - (entry.polarity < 0)
    named = {name: sign for part in parts for name in part.aspects if name not in _NOT_INHERITED}
    if sign > 0:
        return replace(entry, aspects=entry.aspects or named)
    return replace(
        entry,
        aspects=entry.aspects or named,
        complaint=max(entry.complaint, *(part.complaint for part in parts)),
        urgency=max(entry.urgency, *(part.urgency for part in parts)),
    )


def _patterns() -> Iterator[Pattern]:
    text = (files(__package__) / "data" / "patterns.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            value, emotion, anchors, expression = line.split("\t")
            is_cue = value.isalpha()
            entry = (
                Entry(cues=frozenset({value})) if is_cue else Entry(polarity=float(value), emotion=emotion)
            )
            first, _, beside = fold(anchors).text.partition("+")
            yield Pattern(tuple(first.split()), re.compile(expression), entry, tuple(beside.split()) or _ANY)
