"""An explanation as a screen shows it: pieces of text, places on the probability bar, rows of the sum. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...sentiment.aspects import PARENTS
from ...sentiment.engine import Opinion
from ...sentiment.explanation import ClauseReason, Explanation, Mark, Span
from ...sentiment.lexicon import Lexicon, default_lexicon

#: Clauses shown of a very long text: those that pull most, in their order.
MOST_CLAUSES = 40
#: From which weight (log-odds) a mark counts as strong, and as very strong.
STRONG, VERY_STRONG = 0.6, 1.5
_FACE = re.compile(r"\[[^\[\]\s]{1,8}\]")
_EDGES = frozenset(" \n\t\r\u3000，,。；;、：:")


@dataclass(frozen=True)
class Piece:
    """A part of the text with what it weighs; `weight` None where nothing moved."""

    text: str
    weight: float | None = None

    @property
    def polarity(self) -> str:
        """The side it speaks for."""
        return "positive" if (self.weight or 0) > 0 else "negative"

    @property
    def strength(self) -> int:
        """1 to 3, for the pattern under the word."""
        return 1 + (abs(self.weight or 0) >= STRONG) + (abs(self.weight or 0) >= VERY_STRONG)


@dataclass(frozen=True)
class Line:
    """A clause with its text cut at the marks."""

    number: int
    pieces: list[Piece]
    reason: ClauseReason


def lines_of(text: str, why: Explanation) -> list[Line]:
    """The clauses to show, at most MOST_CLAUSES, in the order of the text."""
    numbered = list(enumerate(why.clauses, 1))
    if len(numbered) > MOST_CLAUSES:
        telling = sorted(numbered, key=lambda one: -abs(one[1].model) - abs(one[1].rules))
        numbered = sorted(telling[:MOST_CLAUSES], key=lambda one: one[0])
    return [
        Line(number, pieces_of(text, reason.start, reason.end, reason.marks), reason)
        for number, reason in numbered
    ]


def pieces_of(text: str, start: int, end: int, marks: Iterable[Mark]) -> list[Piece]:
    """text[start:end] cut at its marks, joining to it again; a mark that overlaps an earlier one is left out."""
    return list(_cut(text, start, end, [(mark.start, mark.end, mark.weight) for mark in marks]))


def marked_words(text: str, opinion: Opinion) -> list[Piece]:
    """The whole text cut at the words that moved the answer."""
    return list(_cut(text, 0, len(text), _of_whole_faces(text, opinion.words)))


def _of_whole_faces(text: str, marks: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The marks, those on letters of a [表情] joined to one over all of it: nobody reads a face in pieces."""
    left = list(marks)
    for face in _FACE.finditer(text):
        inside = [each for each in left if each[0] < face.end() and face.start() < each[1]]
        if inside:
            start = min(face.start(), *(each[0] for each in inside))
            end = max(face.end(), *(each[1] for each in inside))
            left = [each for each in left if each not in inside]
            left.append((start, end, sum(weight for *_, weight in inside)))
    return left


def _cut(text: str, start: int, end: int, marks: Sequence[tuple[int, int, float]]) -> Iterator[Piece]:
    at = start
    for first, last, weight in sorted(marks):
        first, last = _narrowed(text, first, last)
        if first < at or last > end or first == last:
            continue
        if first > at:
            yield Piece(text[at:first])
        yield Piece(text[first:last], weight)
        at = last
    if at < end:
        yield Piece(text[at:end])


def _narrowed(text: str, start: int, end: int) -> Span:
    """The span without the commas and blanks at its edges, which only carry what their neighbours weigh."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def channel_taken(why: Explanation) -> str:
    """The channel the text was mostly taken as coming by."""
    return max(why.channels, key=lambda name: why.channels[name])


def bin_points(bins: Iterable[Mapping[str, Any]]) -> list[tuple[float, float, int]]:
    """(mean probability, share of positives, count) of the bins that hold texts, for the chart."""
    return [(each["mean_p"], each["share_positive"], each["n"]) for each in bins if each["n"]]


def bin_rows(bins: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """The same as a table's rows, in percent."""
    return [(f"{100 * said:.1f}%", f"{100 * found:.1f}%", count) for said, found, count in bin_points(bins)]


def shown_aspects(lexicon: Lexicon | None = None) -> list[str]:
    """Names of the aspects that screens show, finer ones under their parents'."""
    names = (lexicon or default_lexicon()).aspects
    return sorted({parent for name in names if (parent := PARENTS.get(name, name)) is not None})
