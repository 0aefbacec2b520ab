"""How well a document answers a query. Pure and free of corpus figures, so that a document's score is the same on
either engine, on every page and after any other document changes."""

from __future__ import annotations

from .analysis import Alternative, Clause, Query, Term, fold_text, runs
from .documents import Fields

# (weight, typical number of tokens) of each field; lengths beyond the typical dampen repeated words as in BM25.
FIELDS = {"title": (3.0, 24.0), "body": (1.0, 240.0), "title_sound": (1.5, 24.0), "body_sound": (0.5, 160.0)}
WRITTEN, SOUND = ("title", "body"), ("title_sound", "body_sound")
KIND_WEIGHT = {"group": 1.2, "customer": 1.2, "topic": 1.0, "case": 1.0, "reply": 0.85}
SATURATION, LENGTH_SHARE = 1.2, 0.75
LINK_WORTH = 0.5
TITLE_IS_PHRASE, TITLE_HOLDS_PHRASE = 6.0, 2.0
ENOUGH = 0.5


def score(query: Query, kind: str, title: str, fields: Fields) -> float:
    """The best reading's score, rounded to 4 digits; 0 when the document satisfies no reading completely."""
    return _weighed(query, query.readings, kind, title, fields, needed=1.0)


def score_roughly(query: Query, kind: str, title: str, fields: Fields) -> float:
    """As `score` for the rough reading: half its weight is enough, and the score shrinks with what is missing."""
    return _weighed(query, (query.rough,), kind, title, fields, needed=ENOUGH)


def _weighed(
    query: Query,
    readings: tuple[tuple[Clause, ...], ...],
    kind: str,
    title: str,
    fields: Fields,
    needed: float,
) -> float:
    padded = {name: f" {getattr(fields, name)} " for name in FIELDS}
    best = max(_reading_score(reading, padded, needed) for reading in readings)
    if best == 0.0:
        return 0.0
    bonus = _link_bonus(query, padded) + (_phrase_bonus(query.phrase, title) if fields.title else 0.0)
    return round((best + bonus) * KIND_WEIGHT[kind], 4)


def _reading_score(clauses: tuple[Clause, ...], padded: dict[str, str], needed: float) -> float:
    gained = [(clause.weight, _clause_score(clause, padded)) for clause in clauses]
    whole = sum(weight for weight, _ in gained)
    share = sum(weight for weight, value in gained if value > 0) / whole
    if share < needed:
        return 0.0
    return share * sum(weight * value for weight, value in gained)


def _clause_score(clause: Clause, padded: dict[str, str]) -> float:
    return max(_alternative_score(alternative, padded) for alternative in clause.alternatives)


def _alternative_score(alternative: Alternative, padded: dict[str, str]) -> float:
    """Terms may lie in different fields; each field counts with its rarest term, so that chance pairs add little."""
    sound = alternative.terms[0].sound
    names = SOUND if sound else WRITTEN
    counts = {name: [_occurrences(term, padded[name]) for term in alternative.terms] for name in names}
    if not all(any(column) for column in zip(*counts.values(), strict=True)):
        return 0.0
    complete = sum(_damped(name, min(counts[name]), padded[name]) for name in names)
    scattered = 0.1  # all terms there, though no field holds them all
    return alternative.worth * (complete or scattered)


def _occurrences(term: Term, padded: str) -> int:
    return padded.count(f" {term.token}" if term.prefix else f" {term.token} ")


def _damped(name: str, frequency: int, padded: str) -> float:
    weight, typical = FIELDS[name]
    length = (1 - LENGTH_SHARE) + LENGTH_SHARE * (padded.count(" ") - 1) / typical
    return weight * frequency * (SATURATION + 1) / (frequency + SATURATION * length)


def _link_bonus(query: Query, padded: dict[str, str]) -> float:
    return sum(
        LINK_WORTH * FIELDS[name][0]
        for link in query.links
        for name in WRITTEN
        if f" {link} " in padded[name]
    )


def _phrase_bonus(phrase: str, title: str) -> float:
    bare = "".join(run for run, _, _ in runs(fold_text(title)))
    if bare == phrase:
        return TITLE_IS_PHRASE
    return TITLE_HOLDS_PHRASE if phrase in bare else 0.0
