"""Fold a text to the form the engine reads, and map every place in it back to the original.

Folding is character by character: NFKC, lower case, traditional to simplified characters; control and
zero-width characters vanish, lone surrogates become U+FFFD. One original character may become none or
several, so a folded place is not an original place: `Folded.span` goes back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.kernel import BEGIN, END, MARKS, PADDING

_IRREGULAR = 0  # in the table: the character folds to none or to several
_FIRST_MARK = 0x110000  # beyond all code points the table holds the marks of a text's begin and end
_BEGIN_BYTES, _END_BYTES = (
    np.array([_FIRST_MARK + each for each in marks], dtype="<u4").tobytes()
    for marks in ([0], [1, *[2] * PADDING])
)
_REPLACEMENT = 0xFFFD
# The blocks outside which NFKC and lower case change nothing that brand texts contain.
_FOLDED_RANGES = (
    (0x0000, 0x3400),
    (0xA640, 0xABC0),
    (0xF900, 0x10000),
    (0x1D400, 0x1D800),
    (0x1F100, 0x1F300),
    (0x2F800, 0x2FA20),
)
_SPACE = 0x20
_VANISHING = (
    *range(0x7F, 0xA0),
    *map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\u00ad\u034f\u061c"),
)

#: A text cut behind each character that folds to none or to several: how many regular characters come before it, and how many
#: it folds to; for what lies behind the last one, its length and 0.
Pieces = list[tuple[int, int]]


class Folded:
    """A folded text. `buffer` holds its code points as the kernel reads them, between begin and end marks.

    Most of what an answer needs is not needed for every text, so it is worked out when asked for.
    """

    __slots__ = ("_codes", "_offsets", "_pieces", "buffer")

    def __init__(self, buffer: NDArray[np.uint64], pieces: Pieces | None) -> None:
        self.buffer = buffer
        self._pieces = pieces  # of the original, when a character of it folds to none or to several
        self._codes: NDArray[np.uint32] | None = None
        self._offsets: list[int] | None = None

    def __len__(self) -> int:
        return len(self.buffer) - MARKS

    @property
    def codes(self) -> NDArray[np.uint32]:
        """The folded code points."""
        if self._codes is None:
            self._codes = self.buffer[1 : len(self.buffer) - MARKS + 1].astype(np.uint32)
        return self._codes

    @property
    def text(self) -> str:
        """The folded text as a str of the same length as `codes`."""
        return self.codes.tobytes().decode("utf-32-le")

    @property
    def is_regular(self) -> bool:
        """Whether each character folded to one: places are those of the original."""
        return self._pieces is None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of folded [start, end); both must lie inside and start < end."""
        if self._pieces is None:
            return start, end
        if self._offsets is None:
            self._offsets = _offsets(self._pieces)
        return self._offsets[start], self._offsets[end - 1] + 1


@cache
def _tables() -> tuple[NDArray[np.uint64], dict[str, str]]:
    """The one-to-one table over all code points and marks, and the characters that are not one to one."""
    lines = (files(__package__) / "data" / "simplified.txt").read_text("utf-8").splitlines()
    pairs = " ".join(line for line in lines if not line.startswith("#")).split()
    simplified = {ord(pair[0]): ord(pair[1]) for pair in pairs}
    table = np.arange(_FIRST_MARK + 3, dtype=np.uint64)
    table[_FIRST_MARK:] = BEGIN, END, 0
    table[0xD800:0xE000] = _REPLACEMENT
    table[list(simplified)] = list(simplified.values())
    irregular: dict[str, str] = {}
    for first, last in _FOLDED_RANGES:
        for code, folded in enumerate(_normal(first, last), first):
            if len(folded) == 1:
                table[code] = simplified.get(ord(folded), ord(folded))
            else:
                table[code] = _IRREGULAR
                irregular[chr(code)] = folded.translate(simplified)
    return table, irregular


def _normal(first: int, last: int) -> list[str]:
    """Each character in [first, last) in NFKC and lower case."""
    # A line break between two characters keeps them from joining; before _SPACE there are only control characters.
    letters = "\n".join(map(chr, range(max(first, _SPACE), last)))
    folded = unicodedata.normalize("NFKC", letters).lower().split("\n")
    if first < _SPACE:
        folded[:0] = ["\n" if chr(code) in "\n\r\v\f" else " " if code == 9 else "" for code in range(_SPACE)]
    for code in _VANISHING:
        if first <= code < last:
            folded[code - first] = ""
    return folded


def fold(text: str) -> Folded:
    """Fold `text`; linear in its length, and never fails on any str."""
    buffer = _looked_up(text)
    if np.count_nonzero(buffer) == len(buffer) - PADDING:
        return Folded(buffer, None)
    regular, pieces = _regular(text, buffer)
    return Folded(_looked_up(regular), pieces)


def fold_all(texts: Sequence[str]) -> tuple[NDArray[np.uint64], list[Folded]]:
    """`fold` of every text at once: (the buffers one behind another, the folded texts as views into them)."""
    marked = [_marked(text) for text in texts]
    joined = _tables()[0].take(np.frombuffer(b"".join(marked), dtype=np.uint32))
    ends = _ends(marked)
    pieces: list[Pieces | None] = [None] * len(texts)
    if np.count_nonzero(joined) != len(joined) - PADDING * len(texts):
        zeros_before = np.concatenate([[0], np.cumsum(joined == 0)])[ends]
        for index in np.flatnonzero(np.diff(zeros_before) > PADDING).tolist():
            regular, pieces[index] = _regular(texts[index], joined[ends[index] : ends[index + 1]])
            marked[index] = _marked(regular)
        joined = _tables()[0].take(np.frombuffer(b"".join(marked), dtype=np.uint32))
        ends = _ends(marked)
    return joined, [
        Folded(joined[start:end], own) for (start, end), own in zip(pairwise(ends), pieces, strict=True)
    ]


def _ends(marked: Sequence[bytes]) -> list[int]:
    """Where each of the texts ends, in code points, after a 0."""
    return list(accumulate((len(each) // 4 for each in marked), initial=0))


def _regular(text: str, buffer: NDArray[np.uint64]) -> tuple[str, Pieces]:
    """(`text`, of which `buffer` was looked up, with what its irregular characters fold to in their places, its pieces)."""
    replacements = _tables()[1]
    places: list[int] = (buffer == _IRREGULAR).nonzero()[0][:-PADDING].tolist()
    parts: list[str] = []
    pieces: Pieces = []
    upto = 0
    for place in places:  # one more than in the text, for the mark of its beginning
        folded = replacements[text[place - 1]]
        parts += [text[upto : place - 1], folded]
        pieces.append((place - 1 - upto, len(folded)))
        upto = place
    pieces.append((len(text) - upto, 0))
    return "".join([*parts, text[upto:]]), pieces


def _looked_up(text: str) -> NDArray[np.uint64]:
    return _tables()[0].take(np.frombuffer(_marked(text), dtype=np.uint32))


def _marked(text: str) -> bytes:
    return _BEGIN_BYTES + text.encode("utf-32-le", "surrogatepass") + _END_BYTES


def _offsets(pieces: Pieces) -> list[int]:
    """The original index of each folded character of a text cut into these `pieces`."""
    offsets: list[int] = []
    upto = 0
    for regular, folded in pieces:
        irregular = upto + regular
        offsets += range(upto, irregular)
        offsets += [irregular] * folded
        upto = irregular + 1
    return offsets
