"""Chinese text to index tokens, and what people type to a query over them. Pure: both engines use only this.

A field of a document becomes one string of tokens with a blank between them:

- Han text: every pair of neighbouring characters, every single character once, and the dictionary words that
  jieba finds (so a real word counts twice where an accidental pair counts once);
- anything else: lower-cased runs of letters and digits, and their letter and digit parts;
- sounds: for words and short sequences of words the full pinyin (`kafeiji`) and the initials (`kfj`).

A token holds letters and digits only, so neither SQLite's nor Elasticsearch's tokenizer can cut it differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, pairwise

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
RUN = re.compile(rf"(?P<han>(?:(?=\w)[{HAN}])+)|[^\W_{HAN}]+")
LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
APOSTROPHES = "'’ʼ"
# Words that carry no subject: dropped from queries, and bridged in documents so that 发货太慢 holds 货慢.
STOP_WORDS = frozenset(
    line
    for line in (files(__package__) / "stop_words.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
INTENSIFIERS = "太很"
LONGEST_TEXT = 10_000
LONGEST_TOKEN = 64
LONGEST_QUERY = 100
MOST_CLAUSES = 12


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in its comparable form; `origin[i]` is where folded character i began in the original text.

    `origin` has one entry more than `text`: the length of the original.
    """

    text: str
    origin: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One token to look for: in the written fields or, with `sound`, in the pinyin fields; or what begins with it."""

    token: str
    sound: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """Terms that must all be there; `worth` (0–1] is what finding them counts."""

    terms: tuple[Term, ...]
    worth: float = 1.0


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing the person asked for: any of the alternatives satisfies it. `weight` grows with its length."""

    alternatives: tuple[Alternative, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked. A document matches when all clauses of one of the `readings` are satisfied, and matches
    loosely when at least half the weight of `rough` is.

    `links` are the character pairs that join neighbouring words: not required, worth more when present.
    `words` are what to mark in written text, `sounds` what to mark by pinyin; `phrase` is the folded whole.
    """

    readings: tuple[tuple[Clause, ...], ...]
    rough: tuple[Clause, ...]
    links: tuple[str, ...]
    words: tuple[str, ...]
    sounds: tuple[str, ...]
    phrase: str


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional to simplified, one character to one (OpenCC's TSCharacters, the first candidate)."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.split("\t") for line in lines if line)
    return {ord(traditional): simplified.split(" ")[0] for traditional, simplified in entries} | {
        ord("瞭"): "了"
    }


@lru_cache(maxsize=16_384)
def _folded_character(character: str) -> str:
    if character in APOSTROPHES:
        return ""
    decomposed = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in decomposed if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", bare).casefold().translate(_simplified())


def fold(text: str) -> Folded:
    """Compatibility forms, case, accents and traditional characters folded away, keeping track of positions."""
    pieces: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        piece = _folded_character(character)
        pieces.append(piece)
        origin.extend([position] * len(piece))
    origin.append(len(text))
    return Folded("".join(pieces), tuple(origin))


def fold_text(text: str) -> str:
    """As `fold`, without the positions: five times as fast."""
    return "".join(map(_folded_character, text))


def runs(folded: str) -> Iterator[tuple[str, int, bool]]:
    """(run, where it begins, whether it is Han) for each stretch of Han characters or of other letters and digits."""
    for match in RUN.finditer(folded):
        yield match.group(), match.start(), match.group("han") is not None


def segment(run: str) -> list[str]:
    """Dictionary words of a Han run, in order and without gaps; unknown characters stand alone."""
    return list(_jieba().cut(run, False))


def segment_for_search(run: str) -> list[str]:
    """As `segment`, with the shorter dictionary words inside longer ones before each of these."""
    return list(_jieba().cut_for_search(run, False))


@lru_cache(maxsize=1)
def _jieba():  # type: ignore[no-untyped-def]
    """rjieba, or jieba where there is no wheel of it: the same words, thirty times slower."""
    try:
        import rjieba

        return rjieba
    except ImportError:
        import logging

        import jieba

        jieba.setLogLevel(logging.WARNING)
        return jieba


def syllables(run: str) -> list[str]:
    """One pinyin syllable without tone for each character of a Han run; "" for a character without a reading."""
    return [syllable for word in segment(run) for syllable in _word_syllables(word)]


@lru_cache(maxsize=32_768)
def _word_syllables(word: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word, errors=lambda unknown: [""] * len(unknown)))  # type: ignore[arg-type,return-value]


def written_tokens(text: str) -> str:
    """The tokens of a field as written, blank-separated (see the module's description)."""
    tokens: list[str] = []
    single: dict[str, None] = {}
    for run, _, han in runs(fold_text(text[:LONGEST_TEXT])):
        if not han:
            tokens.extend(_latin_tokens(run))
            continue
        single.update(dict.fromkeys(run))
        tokens.extend(pairs(run))
        tokens.extend(word for word in segment_for_search(run) if len(word) > 1)
        tokens.extend(_bridges(segment(run)))
    tokens.extend(single)
    return " ".join(tokens)


def pairs(run: str) -> Iterator[str]:
    """The pairs of neighbouring characters of a Han run."""
    return (first + second for first, second in pairwise(run))


def _latin_tokens(run: str) -> list[str]:
    tokens = [run[:LONGEST_TOKEN]]
    parts = LETTERS_OR_DIGITS.findall(run)
    if len(parts) > 1:
        tokens.extend(part[:LONGEST_TOKEN] for part in parts)
    if run.isdigit() and len(run) > 6:
        tokens.append(run[-4:])  # people name phones and orders by their last four digits
    return tokens


def _bridges(words: list[str]) -> Iterator[str]:
    """Character pairs that stand next to each other once stop words (and the 太 of 太慢) are left out."""
    previous, skipped = "", False
    for word in words:
        core = word[1:] if _is_intensified(word) else word
        if core in STOP_WORDS:
            skipped = True
            continue
        if previous and (skipped or core != word):
            yield previous + core[0]
        previous, skipped = core[-1], False


def sound_tokens(text: str, longest: int) -> str:
    """Pinyin and initials of the words, and of neighbouring words up to `longest` characters together."""
    tokens: dict[str, None] = {}
    for run, _, han in runs(fold_text(text[:LONGEST_TEXT])):
        if han and len(run) > 1:
            readings = syllables(run)
            for start, end in _spans(run, longest):
                tokens.update(dict.fromkeys(spellings(readings[start:end])))
    return " ".join(tokens)


def spellings(readings: list[str]) -> Iterator[str]:
    """How a person types these syllables: in full (with v or u for ü), or their initials."""
    full = "".join(readings)
    if not full:
        return
    yield full
    if "v" in full:
        yield full.replace("v", "u")
    yield "".join(reading[:1] for reading in readings)


def _spans(run: str, longest: int) -> Iterator[tuple[int, int]]:
    """Where the run lies when short, words of two or more characters, the words inside longer ones, and words
    beside each other up to `longest` characters that neither begin nor end with a stop word."""
    words = segment(run)
    bounds = [0, *accumulate(len(word) for word in words)]
    if len(run) <= longest:
        yield 0, len(run)
    for first, word in enumerate(words):
        yield from _inner_spans(word, bounds[first])
        if len(word) > longest:
            yield bounds[first], bounds[first + 1]
        for last in range(first, len(words)):
            length = bounds[last + 1] - bounds[first]
            if length > longest:
                break
            if length > 1 and word not in STOP_WORDS and words[last] not in STOP_WORDS:
                yield bounds[first], bounds[last + 1]


def _inner_spans(word: str, position: int) -> Iterator[tuple[int, int]]:
    if len(word) < 3:
        return
    for inner in segment_for_search(word):
        start = word.find(inner)
        if 1 < len(inner) < len(word) and start >= 0:
            yield position + start, position + start + len(inner)


def parse(text: str) -> Query | None:
    """What a person typed, as a query; None when it holds nothing to look for. Reads the first 100 characters."""
    found = list(runs(fold_text(text[:LONGEST_QUERY])))
    if not found:
        return None
    subjects: list[str] = []
    clauses: list[Clause] = []
    rough: list[Clause] = []
    links: list[str] = []
    for number, (run, _, han) in enumerate(found):
        if han:
            words = _subjects(run)
            clauses.extend(_han_clause(word) for word in words)
            rough.extend(_han_clause(word) for word in _kept(run))
            links.extend(left[-1] + right[0] for left, right in pairwise(words))
            subjects.extend(words)
            subjects.extend(word[1] for word in words if _is_intensified(word))
        else:
            clause = _latin_clause(run, last=number == len(found) - 1)
            clauses.append(clause)
            rough.append(clause)
            subjects.append(run)
    sounds = [run for run, _, han in found if not han and _may_be_sound(run)]
    readings = [tuple(clauses[:MOST_CLAUSES])]
    if 1 < len(found) == len(sounds):  # ka fei ji
        joined = "".join(sounds)
        readings.append((_latin_clause(joined, last=True),))
        sounds.append(joined)
    return Query(
        readings=tuple(readings),
        rough=tuple(rough[:MOST_CLAUSES]),
        links=tuple(links),
        words=tuple(dict.fromkeys(subjects)),
        sounds=tuple(dict.fromkeys(sounds)),
        phrase="".join(run for run, _, _ in found),
    )


def _kept(run: str) -> list[str]:
    """The words of a Han run without stop words, unless nothing else is there; long ones are parted."""
    words = segment(run)
    kept = [word for word in words if word not in STOP_WORDS] or words
    return [part for word in kept for part in _parts(word)]


def _subjects(run: str) -> list[str]:
    """As `_kept`, but single characters side by side are taken for one word that the dictionary lacks (拉花)."""
    words = segment(run)
    if all(word in STOP_WORDS for word in words):
        return [run]
    subjects: list[str] = []
    open_ended = False
    for word in words:
        if word in STOP_WORDS:
            open_ended = False
        elif len(word) == 1 and open_ended:
            subjects[-1] += word
        else:
            subjects.extend(_parts(word))
            open_ended = len(word) == 1
    return subjects


def _parts(word: str) -> list[str]:
    """售后服务 → 售后, 服务 when shorter dictionary words cover all of it; else the word itself."""
    if len(word) < 4:
        return [word]
    rest, parts = word, []
    for inner in segment_for_search(word):
        if 1 < len(inner) < len(word) and rest.startswith(inner):
            parts.append(inner)
            rest = rest[len(inner) :]
    return parts if not rest else [word]


def _han_clause(word: str) -> Clause:
    alternatives = [Alternative(_written(word))]
    if _is_intensified(word):
        alternatives.append(Alternative(_written(word[1]), worth=0.6))
    return Clause(tuple(alternatives), weight=min(2.0, 0.4 + 0.4 * len(word)))


def _is_intensified(word: str) -> bool:
    return len(word) == 2 and word[0] in INTENSIFIERS


def _written(word: str) -> tuple[Term, ...]:
    return tuple(Term(token) for token in (pairs(word) if len(word) > 1 else word))


def _latin_clause(run: str, *, last: bool) -> Clause:
    """A Latin run is looked for as written and as pinyin; the last one may be unfinished."""
    token = run[:LONGEST_TOKEN]
    unfinished = last and len(token) > 2
    alternatives = [Alternative((Term(token),))]
    if _may_be_sound(token):
        alternatives.append(Alternative((Term(token, sound=True),), worth=0.9))
    if unfinished:
        alternatives.append(Alternative((Term(token, prefix=True),), worth=0.6))
        if _may_be_sound(token):
            alternatives.append(Alternative((Term(token, sound=True, prefix=True),), worth=0.5))
    return Clause(tuple(alternatives), weight=1.0)


def _may_be_sound(run: str) -> bool:
    return len(run) > 1 and run.isascii() and run.isalpha()
