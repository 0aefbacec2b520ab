"""A brand's own words and aspects become a lexicon; the shipped word lists become rows to look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from socialcrm.sentiment.brand import Brand, OwnAspect, pairs_of
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.learning.layer import Layer
from socialcrm.sentiment.lexicon import Entry, Lexicon, default_lexicon

_SIGN = {"negative": -1.0, "positive": 1.0}
_EMOTION = {"negative": "失望", "positive": "满意"}
_CLAUSE_ENDS = str.maketrans(dict.fromkeys("，,。.!！?？;；~\n", "|"))
#: The word lists that come with the program, in the order in which they are shown.
SHIPPED = (
    "polarity.tsv",
    "signs.tsv",
    "aspects.tsv",
    "modifiers.tsv",
    "cues.tsv",
    "patterns.tsv",
)


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word of the brand: `meaning` as in `learning.models.MEANINGS`, `strength` 1–3 (0 for neutral)."""

    word: str
    meaning: str
    strength: int


@dataclass(frozen=True, slots=True)
class AspectWords:
    """An aspect of the brand: its name, the words that name it, sentences that speak of it."""

    name: str
    words: tuple[str, ...]
    examples: tuple[str, ...] = ()


def brand_of(
    words: Sequence[OwnWord], aspects: Sequence[AspectWords], layer: Layer | None = None, version: str = ""
) -> Brand:
    """The brand that reads with these words and aspects, and the layer."""
    return Brand(
        lexicon=_lexicon(words, aspects),
        version=version,
        own=frozenset(folded(each.word) for each in words if each.meaning in _SIGN),
        muted=frozenset(folded(each.word) for each in words if each.meaning == "neutral"),
        aspects=tuple(OwnAspect(each.name, _examples(each)) for each in aspects if each.examples),
        layer=layer,
    )


def folded(word: str) -> str:
    """A word in the form in which texts are read."""
    return fold(word).text.strip()


def _lexicon(words: Sequence[OwnWord], aspects: Sequence[AspectWords]) -> Lexicon:
    if not words and not aspects:
        return default_lexicon()
    shipped = default_lexicon()
    entries = dict(shipped.entries)
    for each in words:
        word = folded(each.word)
        entries[word] = _entry(entries.get(word, Entry()), each)
    lexicon = Lexicon(entries, shipped.patterns)
    return lexicon.with_aspect_words({each.name: each.words for each in aspects if each.words})


def _entry(shipped: Entry, own: OwnWord) -> Entry:
    """The brand's meaning in place of the shipped one; what the word names stays named."""
    named = dict.fromkeys(shipped.aspects, 0)
    if own.meaning == "neutral":
        return Entry(aspects=named)
    if own.meaning == "complaint":
        return replace(shipped, complaint=own.strength)
    sign = _SIGN[own.meaning]
    return replace(
        shipped,
        polarity=sign * own.strength,
        emotion=_EMOTION[own.meaning],
        negate=0.0,
        degree=0.0,
        aspects={name: int(sign) if shipped.aspects[name] else 0 for name in shipped.aspects},
    )


def _examples(aspect: AspectWords) -> tuple[frozenset[str], ...]:
    clauses = [part for each in aspect.examples for part in folded(each).translate(_CLAUSE_ENDS).split("|")]
    return tuple(pairs for pairs in map(pairs_of, clauses) if pairs)


@dataclass(frozen=True, slots=True)
class ShippedList:
    """A word list of the program: its file, what its head says of its source, and its rows (kind, value, words)."""

    file: str
    source: str
    rows: tuple[tuple[str, str, str], ...]


def shipped_list(name: str) -> ShippedList:
    """One of the `SHIPPED` word lists, as it lies in the package."""
    lines = (files("socialcrm.sentiment") / "data" / name).read_text("utf-8").splitlines()
    head = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    return ShippedList(name, head, tuple(_cells(lines)))


def _cells(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        if line and not line.startswith("#"):
            first, second, *rest = line.split("\t")
            yield first, second, " ".join(rest)
