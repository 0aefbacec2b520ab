"""Which aspects a text speaks of, how, and where: rules over clauses, joined with the model's detectors."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from operator import mul

from socialcrm.sentiment.kernel import LONGEST
from socialcrm.sentiment.reading import Clause, Mention, Reading

Span = tuple[int, int]
_FEW = 1e-3  # keeps the logarithm of no clause at all within bounds

#: Finer aspects are detected for measurement; what a person sees is the parent. None: never shown.
PARENTS: dict[str, str | None] = {
    "装修": "环境",
    "噪音": "环境",
    "空间": "环境",
    "卫生": "环境",
    "性价比": "价格",
    "交通": "位置",
    "商圈": "位置",
    "好找": "位置",
    "推荐": None,
    "整体": None,
    "其他": None,
}


@cache
def columns() -> dict[str, str]:
    """The columns of known aspect files and the aspect that each means."""
    lines = (files(__package__) / "data" / "aspect_columns.tsv").read_text("utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


@cache
def synonyms() -> dict[str, str]:
    """Other names of aspects and the aspect that each means."""
    text = (files(__package__) / "data" / "aspect_synonyms.tsv").read_text("utf-8")
    return dict(line.split("\t") for line in text.splitlines() if not line.startswith("#"))


def evidence(reading: Reading) -> tuple[set[str], set[str]]:
    """(aspects named, aspects judged) by the rules, finer ones under their own names."""
    mentions = [mention for clause in reading.clauses for mention in clause.mentions]
    return {each.aspect for each in mentions}, {each.aspect for each in mentions if each.judgements}


def detected(
    reading: Reading,
    heads: Mapping[str, float],
    clauses: Mapping[str, Sequence[float]],
    joints: Mapping[str, Sequence[float]],
) -> set[str]:
    """Aspects that are there, finer names and parents: by the joint of detectors and rules where one was trained.

    A finer aspect brings its parent along unless the parent has a joint of its own.

    `heads` holds the whole text's log-odds per aspect, `clauses` those of each clause.
    """
    named, judged = evidence(reading)
    found = {aspect for aspect in judged if aspect not in joints}
    for aspect, (constant, *weights) in joints.items():
        traits = finding_traits(heads[aspect], aspect in named, aspect in judged, clauses[aspect])
        if constant + sum(map(mul, traits, weights)) > 0:
            found.add(aspect)
    return found | {parent for aspect in found if (parent := PARENTS.get(aspect)) and parent not in joints}


def finding_traits(whole: float, is_named: bool, is_judged: bool, clauses: Sequence[float]) -> list[float]:
    """What tells whether a text speaks of an aspect: log-odds by the `whole` text and by each of its `clauses`, and the rules."""
    expected = sum(1 / (1 + math.exp(-max(each, -50.0))) for each in clauses)
    return [whole, float(is_named), float(is_judged), max(clauses), math.log(expected + _FEW)]


def clause_edges(starts: Sequence[int], places: int) -> list[Span]:
    """[first, last) of the places (the begin mark is place 0) of clauses that begin at these folded `starts`, all places dealt out."""
    return list(pairwise([0, *(start + 1 for start in starts[1:]), places]))


def clause_scale(first: int, last: int) -> float:
    """What a clause's n-grams are scaled by, so that long clauses weigh no more than short ones."""
    return float((LONGEST * max(last - first, 1)) ** -0.5)


def flags(clause: Clause, aspect: str) -> tuple[bool, bool]:
    """Whether the rules find the aspect named in the clause, and judged."""
    mentions = [each for each in clause.mentions if each.aspect == aspect]
    return bool(mentions), any(each.judgements for each in mentions)


def with_flags(
    scores: Sequence[float], reading: Reading, aspect: str, weights: Sequence[float]
) -> list[float]:
    """Log-odds of each clause after what it adds that the rules find the aspect named, and judged, there."""
    joined = [
        score + sum(map(mul, flags(clause, aspect), weights))
        for score, clause in zip(scores, reading.clauses, strict=False)
    ]
    return joined or list(scores)


@dataclass(slots=True)
class Passage:
    """What a text says of one aspect: the clauses about it (folded), and the rules' sum over its judgements there."""

    places: list[Span] = field(default_factory=list)
    rule: float = 0.0
    is_judged: bool = False


def passages(reading: Reading, names: Container[str] | None = None) -> dict[str, Passage]:
    """The passage of each aspect mentioned, or of those among `names`, finer ones and parents alike.

    A clause that names nothing goes on about what the clause before it named.
    """
    found: dict[str, Passage] = {}
    last: list[Passage] = []
    for clause in reading.clauses:
        if not clause.mentions:
            for passage in last:
                passage.places.append((clause.start, clause.end))
            last = []
            continue
        judged: dict[str, dict[int, float]] = {}
        judged_here: set[str] = set()
        for mention in clause.mentions:
            for name in (mention.aspect, PARENTS.get(mention.aspect)):
                if name and (names is None or name in names):
                    scores = judged.setdefault(name, {})
                    for each in mention.judgements:
                        scores[id(each)] = each.score
                        if each.start < clause.end:
                            judged_here.add(name)
        last = []
        for name, scores in judged.items():
            passage = found.setdefault(name, Passage())
            passage.places.append((clause.start, clause.end))
            passage.rule += clause.weight * sum(scores.values())
            passage.is_judged = passage.is_judged or bool(scores)
            if name not in judged_here:
                last.append(passage)
    return found


def traits(passage: Passage, heard: float, whole: float, said: float) -> list[float]:
    """What the polarity of an aspect is weighed from.

    `heard` is the polarity model's log-odds of the passage, `whole` of the text, `said` that of the aspects' own head.
    """
    return [math.tanh(passage.rule / 2), heard / 2, whole / 2, float(passage.is_judged), said]


def in_clause(clause: Clause) -> dict[str, list[Span]]:
    """Folded spans of each shown aspect that a clause judges; mentions of one aspect in a row are one span."""
    found: dict[str, list[Span]] = {}
    before = None
    for mention in clause.mentions:
        name = PARENTS.get(mention.aspect, mention.aspect)
        if name is None or not mention.judgements:
            continue
        places = found.setdefault(name, [])
        start, end = _span(clause, mention)
        if before == name:
            start = min(start, places.pop()[0])
        places.append((start, end))
        before = name
    return found


def _span(clause: Clause, mention: Mention) -> Span:
    start, end = mention.start, mention.end
    for each in mention.judgements:
        if clause.start <= each.start < clause.end:
            start, end = min(start, each.start), max(end, each.end)
    return start, end


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same places as few non-overlapping spans in order."""
    if len(spans) == 1:
        return list(spans)
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
