"""Terms of a text, and which terms a set of texts uses more than another. Pure.

A term is a dictionary word that is not a stop word, or a phrase of two to four neighbouring words inside one clause
that begins and ends with such a word. A text counts once for a term, however often it says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..folding import fold

LONGEST_TEXT = 4_000
LONGEST_PHRASE = 4  # words
LONGEST_TERM, SHORTEST_TERM = 16, 2  # characters
MOST_TERMS = 60  # of one text
_NOISE = re.compile(
    r"https?://\S+|!?\[[^\]\n]{0,80}\]\([^)\n]{0,300}\)|\[[^\]\n]{1,8}\]|@[\w\-]{1,30}|[`*_>#~]+"
)
_CLAUSE = re.compile(r"[0-9a-z一-鿿㐀-䶿%.\s]+")
_LATIN = re.compile(r"[a-z][a-z0-9.]*")
_NEGATIONS = frozenset("不没别无未")
_NUMERALS = frozenset("一二三四五六七八九十百千两几半")


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """The words of data/stop_words.txt."""
    lines = (files(__package__) / "data" / "stop_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def _cutter() -> Any:
    """rjieba, or jieba where there is no wheel of it."""
    try:
        import rjieba

        return rjieba
    except ImportError:
        import logging

        import jieba

        jieba.setLogLevel(logging.WARNING)
        return jieba


def terms_of(text: str) -> frozenset[str]:
    """The terms of a text, at most MOST_TERMS of them, words before phrases; reads its first 4,000 characters."""
    folded = _NOISE.sub("。", fold(text[:LONGEST_TEXT]).text)
    words: dict[str, None] = {}
    phrases: dict[str, None] = {}
    for clause in _CLAUSE.findall(folded):
        cut = [word for word in _cutter().cut(clause, False) if word.strip(" .%")]
        words.update(dict.fromkeys(word for word in cut if _is_term(word)))
        phrases.update(dict.fromkeys(_phrases(cut)))
    return frozenset([*words, *phrases][:MOST_TERMS])


def _carries(word: str) -> bool:
    """Whether a phrase may end with the word: not a stop word, not a number or a count (三天)."""
    if word in stop_words() or word[0].isdigit():
        return False
    return not (word[0] in _NUMERALS and len(word) < 3)


def _is_term(word: str) -> bool:
    if not SHORTEST_TERM <= len(word) <= LONGEST_TERM or not _carries(word):
        return False
    return not word.isascii() or _LATIN.fullmatch(word) is not None


def _phrases(cut: Sequence[str]) -> Iterable[str]:
    for first, word in enumerate(cut):
        if not (_carries(word) or word in _NEGATIONS):
            continue
        for last in range(first + 1, min(first + LONGEST_PHRASE, len(cut))):
            if not _carries(cut[last]):
                continue
            phrase = _joined(cut[first : last + 1])
            if len(phrase) > LONGEST_TERM:
                break
            if len(phrase) > SHORTEST_TERM:
                yield phrase


def _joined(cut: Sequence[str]) -> str:
    """Words side by side, with a blank between two Latin ones."""
    text = cut[0]
    for before, word in pairwise(cut):
        text += f" {word}" if before[-1].isascii() and word[0].isascii() else word
    return text


def log_odds(
    counts: NDArray[np.int64], total: int, other: NDArray[np.int64], other_total: int, strength: float = 50.0
) -> NDArray[np.float64]:
    """z of each term's log-odds ratio between two sets of texts, shrunk to what both say together.

    `counts` and `other` (terms,) are texts with the term among `total` and `other_total` texts; `strength` is the
    weight of the prior in texts. The log-odds ratio with an informative Dirichlet prior, divided by its standard
    deviation: B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", Political Analysis 16 (2008), eq. 16 and 22.
    """
    prior = strength * (counts + other + 0.5) / (total + other_total + 1)
    here, there = counts + prior, other + prior
    ratio = np.log(here / np.maximum(total + strength - here, 0.5)) - np.log(
        there / np.maximum(other_total + strength - there, 0.5)
    )
    return np.asarray(ratio / np.sqrt(1 / here + 1 / there), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Term:
    """A term with how many texts of the set and of the other set hold it, and z of the difference."""

    term: str
    texts: int
    before: int
    z: float


def rising(
    found: Sequence[tuple[str, int, int]],
    total: int,
    total_before: int,
    *,
    least_texts: int = 3,
    least_z: float = 1.96,
    limit: int = 20,
) -> list[Term]:
    """The terms that the set of `total` texts uses more than the other, the most telling first, without sub-phrases.

    `found` holds (term, texts here, texts there).
    """
    kept = [row for row in found if row[1] >= least_texts]
    if not kept or not total:
        return []
    here = np.array([row[1] for row in kept], dtype=np.int64)
    there = np.array([row[2] for row in kept], dtype=np.int64)
    scores = log_odds(here, total, there, total_before)
    terms = [
        Term(term, texts, before, float(score))
        for (term, texts, before), score in zip(kept, scores, strict=True)
        if score >= least_z
    ]
    return merged(sorted(terms, key=lambda each: (-each.z, -len(each.term), each.term)), limit)


def merged(terms: Sequence[Term], limit: int, overlap: float = 0.6) -> list[Term]:
    """The first `limit` terms, of those that say the same thing only one: the longest that nearly all its texts share.

    Two terms say the same when one is part of the other and the rarer has at least `overlap` of the other's texts.
    """
    kept: list[Term] = []
    for term in terms:
        same = [other for other in kept if _same_thing(term, other, overlap)]
        longer = all(len(term.term) > len(other.term) and term.texts >= 0.8 * other.texts for other in same)
        if same and longer:
            kept[kept.index(same[0])] = term
            kept = [other for other in kept if other not in same]
        elif not same:
            kept.append(term)
        if len(kept) > limit:
            break
    return kept[:limit]


def _same_thing(one: Term, other: Term, overlap: float) -> bool:
    short, long = sorted((one.term, other.term), key=len)
    if short not in long and not _overlapping(one.term, other.term):
        return False
    return min(one.texts, other.texts) >= overlap * max(one.texts, other.texts)


def _overlapping(one: str, other: str) -> bool:
    """Whether the end of one is the beginning of the other, by half of the shorter or more."""
    least = max(2, min(len(one), len(other)) // 2)
    return any(
        one.endswith(other[:size]) or other.endswith(one[:size])
        for size in range(least, min(len(one), len(other)))
    )
