"""Which products a text speaks of. Pure.

A text belongs to a product when it says so, and not otherwise:

1. it mentions one of the product's words (the longest word wins where two overlap);
2. else the title of its topic mentions one;
3. else its group is about one product, as a manager has said on screen.

What somebody bought lately is no evidence of what they speak of, and is never used. A product's words are those that
staff entered; without any, the name the shop gives, without its weight and count, and the part of the name before a
divider (「码头 · 意式拼配 454 克」 is heard as 码头意式拼配 and 码头).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from ..folding import fold

SHORTEST, LONGEST = 2, 40
_DIVIDERS = re.compile(r"[·•|/()（）【】\[\]—\-–:：,，]+")
_MEASURE = re.compile(
    r"(?:一期)?\d+(?:\.\d+)?\s*(?:kg|g|ml|l|克|千克|公斤|毫升|升|包|瓶|支|片|只|个|盒|袋|枚|装|入|粒|条|罐|斤)"
    r"|[一二三四五六七八九十两]+期[一二三四五六七八九十两]+(?:包|瓶|盒|袋)"
)
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """A text as words are looked for in it: folded, without blanks and dividers."""
    return _SPACES.sub("", _DIVIDERS.sub("", fold(text).text))


@lru_cache(maxsize=8192)
def words_of_name(name: str) -> tuple[str, ...]:
    """The words by which people call a product of this name, the longest first."""
    bare = _MEASURE.sub(" ", fold(name).text)
    parts = [plain(part) for part in _DIVIDERS.split(bare)]
    words = [plain(bare), *parts[:1]]
    fitting = dict.fromkeys(word for word in words if SHORTEST <= len(word) <= LONGEST)
    return tuple(sorted(fitting, key=len, reverse=True))


class Mentions:
    """Finds products in texts: all words at once, in time linear in the text (Aho–Corasick)."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        """`words` are (word, product id); a word of several products stands for none of them."""
        owners: dict[str, set[int]] = {}
        for word, product_id in words:
            owners.setdefault(plain(word), set()).add(product_id)
        known = {word: min(ids) for word, ids in owners.items() if len(word) >= SHORTEST and len(ids) == 1}
        self._finder = AhoCorasick(known, matchkind=MatchKind.LeftmostLongest)
        self._product_ids = list(known.values())

    def products_in(self, text: str) -> tuple[int, ...]:
        """Ids of the products that the text mentions, ascending."""
        matches = self._finder.find_matches_as_indexes(plain(text))
        return tuple(sorted({self._product_ids[index] for index, _, _ in matches}))


def products_of(
    mentions: Mentions, text: str, title: str, group_id: int, about: Mapping[int, int]
) -> tuple[int, ...]:
    """The products a text belongs to by the rule above; `about` is group id → product id."""
    told = mentions.products_in(text) or mentions.products_in(title)
    if told:
        return told
    return (about[group_id],) if group_id in about else ()
