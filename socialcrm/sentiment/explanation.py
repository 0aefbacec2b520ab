"""Why the engine says what it says of a text: clause by clause, the model's part and the rules' part.

`explain` looks with the engine's own eyes (`engine.see`), so that its sum is the answer's probability. All offsets are
into the original text; all weights are log-odds, above zero for positive. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from socialcrm.sentiment import engine, mood
from socialcrm.sentiment.brand import Brand, Shift
from socialcrm.sentiment.engine import Channel, Opinion, Sight
from socialcrm.sentiment.folding import Folded
from socialcrm.sentiment.lexicon import Word
from socialcrm.sentiment.model import Floats, default_model
from socialcrm.sentiment.reading import Clause, Judgement

#: Runs of characters that pull less than this are left unmarked.
LEAST_PULL = 0.15
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A telling place: `model` is what the model takes from it, `rule` what the rules do (None: no polar word of theirs)."""

    start: int
    end: int
    model: float
    rule: float | None
    #: What of both counted in the answer.
    weight: float


@dataclass(frozen=True, slots=True)
class Sign:
    """A word that changes what others say: `kind` is negate, degree, lone (one of these that found nothing to change) or a
    cue (but, although, wish, ask, irony, smirk, undo, none, lack); `factor` is what it multiplies by, 0 for cues.
    """

    start: int
    end: int
    kind: str
    factor: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A polar word as the rules read it: `own` is the word's score in the list, `score` what the clause makes of it."""

    start: int
    end: int
    word: Span
    own: float
    score: float
    emotion: str

    @property
    def turned(self) -> bool:
        """Whether it means the other side of what the word alone says."""
        return self.own * self.score < 0


@dataclass(frozen=True, slots=True)
class ClauseReason:
    """One clause: `model` its characters' log-odds, `rules` its judgements' sum times `weight`, its say in the whole."""

    start: int
    end: int
    model: float
    rules: float
    weight: float
    asked: bool
    marks: list[Mark]
    signs: list[Sign]
    judged: list[Judged]
    aspects: list[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer and what it is the sum of: `clauses`' model parts + `rest` + `rules` + `brand` = log-odds of P(positive)."""

    opinion: Opinion
    clauses: list[ClauseReason]
    #: The model's part that belongs to no clause: its intercept, the text's begin and end, pieces of a very long text.
    rest: float
    #: What the rules changed; 0 when they were not asked.
    rules: float
    rules_asked: bool
    #: What the brand's words and the layer learned from corrections changed; 0 without them.
    brand: float
    #: P(positive) by the model alone, and the rules' own sum.
    model_probability: float
    rules_score: float
    #: Probability of neutral, and the band of P(positive) in which the answer is "unsure".
    neutral: float
    unsure: tuple[float, float]
    #: How far the text was taken as each channel's.
    channels: dict[str, float]
    #: What the complaint's log-odds are the sum of, and the words counted in it and in the urgency.
    complaint: dict[str, float]
    complaint_words: list[Span]
    urgency_words: list[Span]

    @property
    def total(self) -> float:
        """Log-odds of positive, summed up from the parts."""
        return sum(clause.model for clause in self.clauses) + self.rest + self.rules + self.brand


def explain(text: str, channel: Channel | None = None, brand: Brand | None = None) -> Explanation:
    """Why `engine.analyse` says what it says of `text`, given the same `channel` and `brand`."""
    sight = engine.see(text, channel, brand)
    opinion = engine.opinion_of(sight, channel, brand)
    taught = Shift(np.zeros(0, dtype=np.float32)) if sight.shift is None else sight.shift
    model = default_model()
    by_place = model.place_weights(sight.evidence)[1:-1]
    clauses = [_clause_reason(sight, clause, by_place) for clause in sight.reading.clauses]
    neutral = engine.neutral_chance(sight, model.mood_scores(sight.evidence))
    return Explanation(
        opinion=opinion,
        clauses=clauses,
        rest=sight.model_score - sum(clause.model for clause in clauses),
        rules=sight.score - sight.model_score - taught.polarity,
        rules_asked=sight.ruled,
        brand=taught.polarity,
        model_probability=mood.sigmoid(sight.model_score),
        rules_score=sight.reading.score,
        neutral=neutral,
        unsure=(0.5 - engine.SURE / 2, 0.5 + engine.SURE / 2),
        channels={name: sight.evidence.share_of(name) for name in model.channels},
        complaint=_complaint_parts(sight, opinion),
        complaint_words=_spans(sight, (word for word in sight.reading.words if word.entry.complaint)),
        urgency_words=_spans(sight, (word for word in sight.reading.words if word.entry.urgency)),
    )


def _complaint_parts(sight: Sight, opinion: Opinion) -> dict[str, float]:
    parts = mood.complaint_parts(sight.reading, opinion.probability)
    taught = 0.0 if sight.shift is None else mood.logit(opinion.complaint) - sum(parts.values())
    return parts | {"brand": taught}


def _spans(sight: Sight, words: Iterator[Word]) -> list[Span]:
    return [sight.folded.span(word.start, word.end) for word in words]


def _clause_reason(sight: Sight, clause: Clause, by_place: Floats) -> ClauseReason:
    start, end = sight.folded.span(clause.start, clause.end)
    aspects = dict.fromkeys(mention.aspect for mention in clause.mentions if mention.judgements)
    return ClauseReason(
        start=start,
        end=end,
        model=float(by_place[clause.start : clause.end].sum()),
        rules=clause.weight * clause.score,
        weight=clause.weight,
        asked=clause.asked,
        marks=_marks(sight, clause, by_place),
        signs=_signs(sight.folded, clause),
        judged=[_judged(sight.folded, each) for each in clause.judgements],
        aspects=list(aspects),
    )


def _judged(folded: Folded, each: Judgement) -> Judged:
    return Judged(
        *folded.span(each.start, each.end),
        word=folded.span(each.word.start, each.word.end),
        own=each.word.entry.polarity,
        score=each.score,
        emotion=each.emotion,
    )


def _marks(sight: Sight, clause: Clause, by_place: Floats) -> list[Mark]:
    """The rules' judgements, and between them the runs of characters that pull the model one way."""
    marks, at = [], clause.start
    for each in sorted(clause.judgements, key=lambda judgement: judgement.start):
        if each.start < at:
            continue
        marks += _runs(sight.folded, by_place, at, each.start)
        pull = float(by_place[each.start : each.end].sum())
        rule = clause.weight * each.score
        counted = pull + engine.WORD_SHARE * rule if sight.ruled else pull
        marks.append(Mark(*sight.folded.span(each.start, each.end), pull, rule, counted))
        at = each.end
    return marks + _runs(sight.folded, by_place, at, clause.end)


def _runs(folded: Folded, by_place: Floats, start: int, end: int) -> list[Mark]:
    pull = by_place[start:end]
    edges = np.flatnonzero(np.diff(np.sign(pull), prepend=0, append=0)).tolist()
    found = [(a, b, float(pull[a:b].sum())) for a, b in pairwise(edges)]
    return [
        Mark(*folded.span(start + a, start + b), weight, None, weight)
        for a, b, weight in found
        if abs(weight) >= LEAST_PULL
    ]


def _signs(folded: Folded, clause: Clause) -> list[Sign]:
    """Negations and degrees, with whether they reached a polar word, and the cues."""
    signs = []
    for word in clause.words:
        entry, place = word.entry, folded.span(word.start, word.end)
        factor = entry.negate or (0.0 if entry.polarity else entry.degree)
        if factor:
            kind = "negate" if entry.negate else "degree"
            signs.append(Sign(*place, kind if _changes(word, clause) else "lone", factor))
        signs += [Sign(*place, cue, 0.0) for cue in sorted(entry.cues)]
    return signs


def _changes(word: Word, clause: Clause) -> bool:
    """Whether the next judged word after `word` got another score than its own."""
    after = [each for each in clause.judgements if each.word.start >= word.end]
    return bool(after) and after[0].score != after[0].word.entry.polarity
