"""Where a text answers a query: marks and excerpts, in the original text. Pure; the same for both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from .analysis import Folded, Query, fold, runs, segment, spellings, syllables

EXCERPT = 96
LEAD = 20
LONGEST_SOUND = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `marked` when it answers the query."""

    text: str
    marked: bool


def marked(text: str, query: Query) -> tuple[Piece, ...]:
    """The whole text in pieces, in order; joined they give the text unchanged."""
    return _pieces(text, _spans(text, query), 0, len(text))


def excerpt(text: str, query: Query, longest: int = EXCERPT) -> tuple[Piece, ...]:
    """As `marked`, for the stretch of at most `longest` characters that holds most marks; … where it was cut."""
    text = " ".join(text.split())
    spans = _spans(text, query)
    start, end = _window(len(text), spans, longest)
    pieces = _pieces(text, spans, start, end)
    before = (Piece("…", False),) if start > 0 else ()
    after = (Piece("…", False),) if end < len(text) else ()
    return before + pieces + after


def _pieces(text: str, spans: list[tuple[int, int]], start: int, end: int) -> tuple[Piece, ...]:
    pieces, position = [], start
    for left, right in spans:
        left, right = max(left, start), min(right, end)
        if left >= right:
            continue
        if left > position:
            pieces.append(Piece(text[position:left], False))
        pieces.append(Piece(text[left:right], True))
        position = right
    if position < end:
        pieces.append(Piece(text[position:end], False))
    return tuple(pieces)


def _window(length: int, spans: list[tuple[int, int]], longest: int) -> tuple[int, int]:
    if length <= longest:
        return 0, length
    starts = [max(0, min(left - LEAD, length - longest)) for left, _ in spans] or [0]
    best = max(
        starts, key=lambda start: sum(start <= left and right <= start + longest for left, right in spans)
    )
    return best, best + longest


def _spans(text: str, query: Query) -> list[tuple[int, int]]:
    """Marked stretches of the original text, in order, overlapping and touching ones joined."""
    folded = fold(text)
    found = [*_written_spans(folded, query.words), *_sound_spans(folded, query.sounds)]
    joined: list[tuple[int, int]] = []
    for left, right in sorted((folded.origin[left], _original_end(folded, right)) for left, right in found):
        if joined and left <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], right))
        else:
            joined.append((left, right))
    return joined


def _original_end(folded: Folded, right: int) -> int:
    """The original end of a folded stretch: one character may have become several, and keeps its mark whole."""
    last = folded.origin[right - 1]
    return next(position for position in folded.origin[right:] if position > last)


def _written_spans(folded: Folded, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Han words anywhere; others only where one begins, so that `art` marks nothing in `start`."""
    for word in words:
        same = r"\d" if word[0].isdigit() else "a-z"
        boundary = f"(?<![{same}])" if word.isascii() else ""
        for match in re.finditer(boundary + re.escape(word), folded.text):
            yield match.span()


def _sound_spans(folded: Folded, sounds: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    if not sounds:
        return
    for run, start, han in runs(folded.text):
        if han and len(run) > 1:
            for left, right in _sounding(run, sounds):
                yield start + left, start + right


def _sounding(run: str, sounds: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """For each word's beginning the shortest stretch of two or more characters whose pinyin or initials begin with
    the longest of the sounds that any stretch begins with."""
    readings = syllables(run)
    for left in {0, *accumulate(len(word) for word in segment(run))}:
        rights = range(left + 2, min(left + LONGEST_SOUND, len(run)) + 1)
        spelled = [(right, tuple(spellings(readings[left:right]))) for right in rights]
        for sound in sorted(sounds, key=len, reverse=True):
            matching = (right for right, ways in spelled if any(way.startswith(sound) for way in ways))
            right = next(matching, None)
            if right is not None:
                yield left, right
                break
