"""What sensitive-word rules say of a text. Pure.

Words are found through full-width letters, upper case and characters slipped in between (spaces, dots, zero-width
marks), and masked in place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

BETWEEN = r"[\s\u200b-\u200f\u2060\ufeff.,·*_\-—]{0,3}"
SERIOUSNESS = {"block": 0, "hold": 1, "mask": 2}


@dataclass(frozen=True)
class Verdict:
    """`deed` is None, block, hold or mask; `words` are those of the most serious deed; `text` is masked if need be."""

    deed: str | None
    words: tuple[str, ...]
    text: str


def judge(text: str, rules: Iterable[tuple[str, str]]) -> Verdict:
    """Apply rules, pairs of (word, deed); the most serious deed counts, masking happens in any case."""
    folded = [unicodedata.normalize("NFKC", character).lower() for character in text]
    searched, origins = "".join(folded), _origins(folded)
    hits: list[tuple[str, str]] = []
    masked = list(text)
    for word, deed in rules:
        for match in re.finditer(_pattern(word), searched):
            hits.append((deed, word))
            if deed == "mask":
                for at in range(origins[match.start()], origins[match.end() - 1] + 1):
                    masked[at] = "＊"
    if not hits:
        return Verdict(None, (), text)
    deed = min((found for found, _ in hits), key=SERIOUSNESS.__getitem__)
    words = tuple(dict.fromkeys(word for found, word in hits if found == deed))
    return Verdict(deed, words, "".join(masked))


def _origins(folded: list[str]) -> list[int]:
    """For each folded character, the place of the one it came from."""
    return [at for at, piece in enumerate(folded) for _ in piece]


def _pattern(word: str) -> str:
    characters = [c for c in unicodedata.normalize("NFKC", word).lower() if not c.isspace()]
    if not characters:
        return r"(?!)"
    body = BETWEEN.join(re.escape(character) for character in characters)
    if all(character.isascii() for character in characters):
        return rf"(?<![a-z0-9]){body}(?![a-z0-9])"
    return body
