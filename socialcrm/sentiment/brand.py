"""What a brand adds to the engine: own words, own aspects, and a layer learned from staff corrections. Pure.

`analyse(text, brand=…)` asks `Brand.shift` once per text; without a brand nothing of this runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.aspects import PARENTS
from socialcrm.sentiment.learning.features import slots_of
from socialcrm.sentiment.learning.layer import FOUND, Layer, Residual
from socialcrm.sentiment.lexicon import Entry, Lexicon, Word
from socialcrm.sentiment.mood import logit, sigmoid
from socialcrm.sentiment.reading import CLAUSE_ENDS, Clause, Judgement, Mention, Reading

Floats = NDArray[np.float32]
Codes = NDArray[np.uint32]

#: Log-odds that one unit of a word's strength (1–3) adds to the whole text, negation and contrast applied.
WORD_WEIGHT = 1.0
#: Share of a clause's pairs of characters that an example sentence must hold for the clause to be about its aspect.
ALIKE = 0.5
_LEAST_PAIRS = 2
#: Characters of small words, which every sentence shares.
_SMALL = frozenset(
    "的了是都一点些也就还又很真太好不没有无我你他她它这那个在和与跟到得地着过把被让给会要想能可以吗呢吧啊呀哦嗯么什怎"
)


@dataclass(frozen=True, slots=True)
class OwnAspect:
    """An aspect of the brand's own: `examples` hold, per clause of an example sentence, its pairs of characters."""

    name: str
    examples: tuple[frozenset[str], ...] = ()

    def is_about(self, clause_text: str) -> bool:
        """Whether a clause speaks of it as one of the examples does."""
        own = pairs_of(clause_text)
        return len(own) >= _LEAST_PAIRS and any(
            len(own & each) >= ALIKE * min(len(own), len(each)) and len(own & each) >= _LEAST_PAIRS
            for each in self.examples
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """What a brand changes in one text: `polarity` log-odds to add, and the weight of each place with its part in it.

    `neutral` and `complaint` move the engine's own probability of these.
    """

    places: Floats
    polarity: float = 0.0
    layer: Layer | None = None
    codes: Codes | None = None
    channel: str | None = None

    def neutral(self, probability: float) -> float:
        """The probability of neutral after the layer."""
        return self._moved(self.layer.neutral if self.layer else None, probability)

    def complaint(self, probability: float) -> float:
        """The likelihood of a complaint after the layer."""
        return self._moved(self.layer.complaint if self.layer else None, probability)

    def _moved(self, residual: Residual | None, probability: float) -> float:
        if residual is None or self.codes is None:
            return probability
        score = logit(probability)
        return sigmoid(score + residual.shift(self.codes, score, self.channel))


@dataclass(frozen=True)
class Brand:
    """Frozen: `lexicon` holds the shipped words and the own ones; `own` and `muted` name, folded, those that weigh by themselves.

    `version` tells words and layer apart in an opinion's `model_version`.
    """

    lexicon: Lexicon
    version: str = ""
    own: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    aspects: tuple[OwnAspect, ...] = ()
    layer: Layer | None = None

    def shift(
        self, codes: Codes, reading: Reading, places: Floats, score: float, channel: str | None
    ) -> Shift:
        """The brand's part in a text of folded `codes`; `places` are the model's weights of its first characters."""
        worded = self._worded(codes, reading, places) if self.own or self.muted else places
        polarity = float((worded - places).sum()) if worded is not places else 0.0
        layer = self.layer
        if layer is None or not len(codes):
            return Shift(worded, polarity)
        if layer.polarity is not None:
            learned = layer.polarity.by_place(codes[: len(places)], channel)
            polarity += float(learned.sum()) + layer.polarity.bias(score, channel)
            worded = worded + learned
        return Shift(worded, polarity, layer, codes, channel)

    def _worded(self, codes: Codes, reading: Reading, places: Floats) -> Floats:
        """`places` with the brand's words in: polar ones weigh by themselves, those that judge nothing here weigh nothing."""
        text = codes[: len(places)].tobytes().decode("utf-32-le")
        changed = places.copy()
        for word in reading.words:
            if text[word.start : word.end] in self.muted:
                changed[word.start : word.end] = 0.0
        for clause in reading.clauses:
            for each in clause.judgements:
                if text[each.word.start : each.word.end] in self.own:
                    own = changed[each.start : each.end]
                    own += np.float32(WORD_WEIGHT * clause.weight * each.score / max(len(own), 1))
        return changed

    @property
    def points_out(self) -> bool:
        """Whether it has aspects to find clause by clause."""
        return bool(self.aspects or (self.layer is not None and self.layer.passages))

    def point_out(self, text: str, codes: Codes, reading: Reading, channel: str | None) -> None:
        """Let clauses name an aspect that are like one of its example sentences, or like the passages staff marked.

        `text` and `codes` are the folded text; a clause unlike every marked passage may lose what the engine found in it.
        """
        for clause in reading.clauses:
            named = {each.aspect for each in clause.mentions}
            for aspect in self.aspects:
                if aspect.name not in named and aspect.is_about(text[clause.start : clause.end]):
                    clause.mentions.append(_whole(aspect.name, clause, clause.end))
        if self.layer is not None and self.layer.passages and reading.clauses:
            _point_out_learned(self.layer.passages, codes, reading, channel)

    def judged(
        self, codes: Codes, channel: str | None, score: float, found: Mapping[str, float], reading: Reading
    ) -> tuple[dict[str, float], dict[str, tuple[int, int]]]:
        """(aspect → log-odds of positive, aspect → folded place of one the engine had not found), by the layer.

        `found` are the log-odds of the aspects that the engine found, `score` those of the whole text.
        """
        layer = self.layer
        if layer is None or not len(codes):
            return dict(found), {}
        kept: dict[str, float] = {}
        places: dict[str, tuple[int, int]] = {}
        for name in dict.fromkeys([*found, *layer.present]):
            base = FOUND if name in found else -FOUND
            if base + _shift(layer.present.get(name), codes, base, channel) <= 0:
                continue
            own = found.get(name, score)
            kept[name] = own + _shift(layer.said.get(name), codes, own, channel)
            if name in layer.said_there:
                kept[name] += layer.said_there[name].shift(passage_of(name, codes, reading), own, channel)
            if name not in found:
                places[name] = _most_telling(layer.present[name], codes, channel, reading)
        return kept, places


def _point_out_learned(
    passages: Mapping[str, Residual], codes: Codes, reading: Reading, channel: str | None
) -> None:
    bounds = [(each.start, each.end) for each in reading.clauses]
    slots = slots_of(codes, channel)
    for aspect, residual in passages.items():
        named = [speaks_of(each, aspect) for each in reading.clauses]
        scores = [FOUND if each else -FOUND for each in named]
        shifts = residual.of_passages(slots, bounds, scores, channel)
        for clause, was_named, score, shift in zip(reading.clauses, named, scores, shifts, strict=True):
            is_about = score + shift > 0
            if is_about and not was_named:
                point_at(aspect, clause, codes)
            elif was_named and not is_about:
                pass_over(aspect, clause)


def speaks_of(clause: Clause, aspect: str) -> bool:
    """Whether the clause judges the aspect, or a finer one that is shown as it."""
    return any(
        each.judgements and PARENTS.get(each.aspect, each.aspect) == aspect for each in clause.mentions
    )


def point_at(aspect: str, clause: Clause, codes: Codes) -> None:
    """Take the whole clause of folded `codes`, but for the marks at its end, as speaking of the aspect."""
    end = clause.end
    while end > clause.start + 1 and chr(codes[end - 1]) in CLAUSE_ENDS:
        end -= 1
    clause.mentions.append(replace(_whole(aspect, clause, end), start=clause.start, end=end))


def pass_over(aspect: str, clause: Clause) -> None:
    """Take nothing in the clause as speaking of the aspect."""
    clause.mentions[:] = [each for each in clause.mentions if PARENTS.get(each.aspect, each.aspect) != aspect]


def passage_of(aspect: str, codes: Codes, reading: Reading) -> Codes:
    """The folded clauses that speak of the aspect, one behind another."""
    about = [codes[each.start : each.end] for each in reading.clauses if speaks_of(each, aspect)]
    return np.concatenate(about) if about else codes[:0]


def _shift(residual: Residual | None, codes: Codes, score: float, channel: str | None) -> float:
    return 0.0 if residual is None else residual.shift(codes, score, channel)


def _most_telling(residual: Residual, codes: Codes, channel: str | None, reading: Reading) -> tuple[int, int]:
    """The clause whose words speak most for the residual; the whole text where there is none."""
    weights = residual.by_place(codes, channel)
    clauses = [(each.start, each.end) for each in reading.clauses] or [(0, len(codes))]
    return max(clauses, key=lambda place: float(weights[place[0] : place[1]].sum()))


def _whole(aspect: str, clause: Clause, end: int) -> Mention:
    """The whole clause as a mention; where the rules found no judgement in it, the model's ear decides alone."""
    silent = Judgement(clause.start, end, 0.0, "", Word(clause.start, end, Entry()))
    judgements = list(clause.judgements) or [silent]
    start = min(each.start for each in judgements)
    return Mention(aspect, start, max(each.end for each in judgements), judgements)


def pairs_of(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters of the folded `text` that say what it is about; marks and small words part them."""
    pairs: set[str] = set()
    for part in "".join(each if each.isalnum() and each not in _SMALL else " " for each in text).split():
        pairs.update(part[start : start + 2] for start in range(len(part) - 1))
    return frozenset(pairs)
