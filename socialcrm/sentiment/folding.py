"""Fold a text to the form the engine reads, and map every place in it back to the original.

Folding is character by character: NFKC, lower case, traditional to simplified characters; control and
zero-width characters vanish, lone surrogates become U+FFFD. One original character may become none or
several, so a folded place is not an original place: `Folded.span` goes back.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_IRREGULAR = 0  # in the table: the character folds to none or to several
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
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\u00ad\u034f\u061c")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text: `codes` (uint32 code points), `text` the same as a str.

    `offsets[i]` is the original index of folded character i; None means that they are equal.
    """

    codes: NDArray[np.uint32]
    offsets: NDArray[np.intp] | None

    @property
    def text(self) -> str:
        """The folded text as a str of the same length as `codes`."""
        return self.codes.tobytes().decode("utf-32-le")

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of folded [start, end); both must lie inside and start < end."""
        if self.offsets is None:
            return start, end
        return int(self.offsets[start]), int(self.offsets[end - 1]) + 1


def _fold_character(character: str, simplified: dict[str, str]) -> str:
    if character in _ZERO_WIDTH:
        return ""
    if unicodedata.category(character) == "Cc":
        return "\n" if character in "\n\r\v\f" else " " if character == "\t" else ""
    if unicodedata.category(character) == "Cs":
        return chr(_REPLACEMENT)
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(simplified.get(each, each) for each in folded)


@cache
def _tables() -> tuple[NDArray[np.uint32], dict[int, str]]:
    """The one-to-one table over all code points, and the characters that are not one to one."""
    lines = (files(__package__) / "data" / "simplified.txt").read_text("utf-8").splitlines()
    pairs = " ".join(line for line in lines if not line.startswith("#")).split()
    simplified = {pair[0]: pair[1] for pair in pairs}
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xD800:0xE000] = _REPLACEMENT
    irregular: dict[int, str] = {}
    for traditional, simple in simplified.items():
        table[ord(traditional)] = ord(simple)
    for first, last in _FOLDED_RANGES:
        for code in range(first, last):
            if 0xD800 <= code < 0xE000:
                continue
            folded = _fold_character(chr(code), simplified)
            if len(folded) == 1:
                table[code] = ord(folded)
            else:
                table[code] = _IRREGULAR
                irregular[code] = folded
    return table, irregular


def fold(text: str) -> Folded:
    """Fold `text`; linear in its length, and never fails on any str."""
    table, _ = _tables()
    codes = table[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]
    if codes.all():
        return Folded(codes, None)
    return _fold_irregular(text, codes)


def _fold_irregular(text: str, codes: NDArray[np.uint32]) -> Folded:
    _, irregular = _tables()
    lengths = np.ones(len(codes), dtype=np.intp)
    places = np.flatnonzero(codes == _IRREGULAR)
    replacements = [irregular[ord(text[place])] for place in places.tolist()]
    lengths[places] = [len(each) for each in replacements]
    offsets = np.repeat(np.arange(len(codes), dtype=np.intp), lengths)
    folded = codes[offsets]
    folded[folded == _IRREGULAR] = [ord(each) for each in "".join(replacements)]
    return Folded(folded, offsets)
