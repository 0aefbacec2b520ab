"""What a Chinese text says: one call, one answer.

`analyse(text, channel=…)` gives an `Opinion`. Pure: no Flask, no database, no network; the same text gives the
same answer. All offsets are into the original text, `[start, end)`, and lie inside it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import mul
from typing import Any, Literal

import numpy as np

from socialcrm.sentiment import aspects, mood, service
from socialcrm.sentiment.blend import rule_traits, traits, wants_rules
from socialcrm.sentiment.brand import Brand, Shift
from socialcrm.sentiment.folding import Folded, fold, fold_all
from socialcrm.sentiment.kernel import buffer_of, ngram_total
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.model import Evidence, Floats, default_model
from socialcrm.sentiment.mood import EMOTIONS, logit, sigmoid
from socialcrm.sentiment.reading import Reading, read

__all__ = [
    "CHANNELS",
    "EMOTIONS",
    "AspectOpinion",
    "Channel",
    "Opinion",
    "Polarity",
    "analyse",
    "analyse_batch",
]

Polarity = Literal["negative", "neutral", "positive", "unsure"]
Channel = Literal["post", "review", "chat"]
CHANNELS: tuple[Channel, ...] = ("post", "review", "chat")

#: Below this |2p − 1| the answer is "unsure".
SURE = 0.25
LONGEST_READ = 20_000  # characters read by rule; what lies beyond is a novel, not an opinion
_TOGETHER, _LONGEST_TOGETHER = (
    64,
    500,
)  # texts that the model weighs at once, and the characters up to which it does
_PIECE = 4_000  # characters that the model reads at once; longer texts are split and averaged
# How far the neutral head is trusted where the rules judge nothing, and where they do; in a chat turn a weak word
# (the 好 of a greeting) is no judgement.
_NEUTRAL_CHAT, _NEUTRAL_REVIEW, _WEAK = (1.0, 0.3), (0.8, 0.3), 1.0
# Log-odds by which a chat turn without a polar word or a want is more often neutral than a post; and a question.
_TURN_LEAN, _QUESTION_LEAN = 1.5, 1.0
_LEAST_WORD, _MOST_WORDS = 0.12, 20
#: What a judgement of the rules adds to the weight of its word, where they had a say.
WORD_SHARE = 0.25


# None of the three is frozen: a field of a frozen dataclass takes four times as long to set, two hundredths of an answer in all.
@dataclass(slots=True)
class AspectOpinion:
    """What is said of one aspect: `probability` is P(positive), `spans` the places that show it."""

    polarity: Polarity
    probability: float
    spans: list[tuple[int, int]]


@dataclass(slots=True)
class Opinion:
    """The answer for one text. `probability` is P(positive); `complaint` a probability; `urgency` 0–2.

    `words` holds (start, end, weight): weight > 0 spoke for positive, < 0 for negative, in log-odds.
    """

    polarity: Polarity
    probability: float
    aspects: dict[str, AspectOpinion]
    emotion: str
    urgency: int
    complaint: float
    words: list[tuple[int, int, float]]
    model_version: str

    def to_json(self) -> dict[str, Any]:
        """The JSON form of the command line and the API."""
        return {
            "polarity": self.polarity,
            "probability": round(self.probability, 4),
            "aspects": {
                name: {
                    "polarity": each.polarity,
                    "probability": round(each.probability, 4),
                    "spans": [list(span) for span in each.spans],
                }
                for name, each in self.aspects.items()
            },
            "emotion": self.emotion,
            "urgency": self.urgency,
            "complaint": round(self.complaint, 4),
            "words": [[start, end, round(weight, 3)] for start, end, weight in self.words],
            "model_version": self.model_version,
        }


@dataclass(slots=True)
class Sight:
    """One text as seen by the model and the rules; `ruled` tells whether the rules had a say in `score`.

    `model_score` is the model's alone.
    `shift` is what a brand's words and layer changed; `score` holds its part already.
    """

    folded: Folded
    evidence: Evidence
    reading: Reading
    score: float
    model_score: float
    ruled: bool
    shift: Shift | None = None


def analyse(text: str, channel: Channel | None = None, brand: Brand | None = None) -> Opinion:
    """The opinion of `text`, on `channel` (guessed when None), as a `brand` taught the engine to read if one is given."""
    return opinion_of(see(text, channel, brand), channel, brand)


def opinion_of(sight: Sight, channel: Channel | None = None, brand: Brand | None = None) -> Opinion:
    """The answer for what `see` saw, given the same `channel` and `brand`."""
    model = default_model()
    heads = model.mood_scores(sight.evidence)
    pulls: list[float] = _by_place(sight).tolist()
    probability = sigmoid(sight.score)
    post_share = sight.evidence.share_of("post")
    found = _aspects(sight, pulls)
    complaint = mood.complaint_of(sight.reading, probability)
    return Opinion(
        polarity=_polarity(probability, neutral_chance(sight, heads)),
        probability=probability,
        aspects=found if brand is None else _taught_aspects(sight, found, brand, channel),
        emotion=mood.emotion_of(sight.reading, probability, heads, post_share),
        urgency=mood.urgency_of(sight.reading, probability),
        complaint=complaint if sight.shift is None else sight.shift.complaint(complaint),
        words=_words(sight, pulls),
        model_version=model.version if brand is None else f"{model.version}{brand.version}",
    )


def analyse_batch(
    texts: Iterable[str], channel: Channel | None = None, brand: Brand | None = None
) -> list[Opinion]:
    """`analyse` of every text, in order; the model weighs many at once."""
    return [
        opinion_of(_sight(*weighed, channel, brand), channel, brand)
        for weighed in _weighed_all(texts, channel)
    ]


def probability(text: str, channel: Channel | None = None) -> float:
    """P(positive) of `text`, the same number that `analyse` gives, without the rest of the answer."""
    folded, score, evidence = _weighed(text, channel, whole=False)
    return _probability(folded, score, evidence.shares, evidence.share_of("review"))


def probabilities(texts: Iterable[str], channel: Channel | None = None) -> list[float]:
    """`probability` of every text (but for rounding beyond the ninth place), in order, many at once."""
    found: list[float] = []
    for together in _in_pieces(texts):
        if len(together) == 1:
            found.append(probability(together[0], channel))
            continue
        joined, folded = fold_all(together)
        weighed = default_model().scores_of(joined, [len(each.buffer) for each in folded], channel)
        found.extend(map(_probability, folded, *weighed))
    return found


def _probability(folded: Folded, score: float, shares: Sequence[float], as_review: float) -> float:
    if wants_rules(score, len(folded), as_review):
        reading = read(folded.text[:LONGEST_READ], default_lexicon(), with_mentions=False)
        return sigmoid(_blended(score, shares, len(folded), reading))
    return sigmoid(score)


def three_way(text: str, channel: Channel | None = None) -> Polarity:
    """Negative, neutral or positive, never unsure."""
    sight = see(text, channel)
    neutral = neutral_chance(sight, default_model().mood_scores(sight.evidence))
    positive = sigmoid(sight.score)
    if neutral > (1 - neutral) * max(positive, 1 - positive):
        return "neutral"
    return "positive" if positive >= 0.5 else "negative"


def dissatisfaction(text: str) -> float:
    """Log-odds that the customer whose turns these are leaves dissatisfied."""
    return service.dissatisfaction(text, default_model())


def all_aspects(text: str) -> dict[str, float]:
    """Aspect → P(positive) of every aspect found, finer ones and parents alike; for measurement."""
    sight = see(text)
    model = default_model()
    found = aspects.detected(
        sight.reading,
        model.aspect_scores(sight.evidence),
        _scores_of_clauses(sight),
        model.card["aspect_joints"],
    )
    scores = _said_of(sight, _by_place(sight).tolist(), found)
    return {name: sigmoid(score) for name, score in scores.items()}


def _scores_of_clauses(sight: Sight) -> dict[str, list[float]]:
    """Aspect → log-odds of each clause that it speaks of it."""
    model = default_model()
    starts = [clause.start for clause in sight.reading.clauses] or [0]
    return {
        name: aspects.with_flags(scores, sight.reading, name, model.card["aspect_clauses"][name])
        for name, scores in model.clause_scores(sight.evidence, starts).items()
    }


def aspect_names() -> tuple[str, ...]:
    """Every aspect that `all_aspects` may find."""
    parents = [name for name in aspects.PARENTS.values() if name]
    return tuple(
        dict.fromkeys([*default_lexicon().aspects, *default_model().card["aspect_joints"], *parents])
    )


def see(text: str, channel: Channel | None = None, brand: Brand | None = None) -> Sight:
    """What model and rules see in `text`, before it becomes an answer; `explanation` reads it too."""
    return _sight(*_weighed(text, channel), channel, brand)


def _sight(
    folded: Folded,
    model_score: float,
    evidence: Evidence,
    channel: Channel | None,
    brand: Brand | None,
) -> Sight:
    reading = read(folded.text[:LONGEST_READ], default_lexicon() if brand is None else brand.lexicon)
    ruled = wants_rules(model_score, len(folded), evidence.share_of("review"))
    score = _blended(model_score, evidence.shares, len(folded), reading) if ruled else model_score
    sight = Sight(folded, evidence, reading, score, model_score, ruled)
    return sight if brand is None else _seen_by_brand(sight, brand, channel)


def _seen_by_brand(sight: Sight, brand: Brand, channel: Channel | None) -> Sight:
    codes = sight.folded.codes[:LONGEST_READ]
    if brand.points_out:
        brand.point_out(sight.folded.text[:LONGEST_READ], codes, sight.reading, channel)
    shift = brand.shift(codes, sight.reading, _by_place(sight), sight.score, channel)
    return replace(sight, score=sight.score + shift.polarity, shift=shift)


def _taught_aspects(
    sight: Sight, found: dict[str, AspectOpinion], brand: Brand, channel: Channel | None
) -> dict[str, AspectOpinion]:
    """`found` after the brand's layer: some fall away, some turn, some are found that the engine had missed."""
    if brand.layer is None:
        return found
    scores = {name: logit(each.probability) for name, each in found.items()}
    codes = sight.folded.codes[:LONGEST_READ]
    kept, places = brand.judged(codes, channel, sight.score, scores, sight.reading)
    taught = {}
    for name, score in kept.items():
        spans = found[name].spans if name in found else [sight.folded.span(*places[name])]
        taught[name] = AspectOpinion(_polarity(sigmoid(score)), sigmoid(score), spans)
    return taught


Weighed = tuple[Folded, float, Evidence]


def _weighed(text: str, channel: Channel | None, whole: bool = True) -> Weighed:
    """The folded text, the model's score and the evidence of its first piece; a long text is the mean of its pieces."""
    model, folded = default_model(), fold(text)
    if len(folded) <= _PIECE:
        evidence = model.weigh(folded.buffer, channel, whole)
        return folded, evidence.score, evidence
    pieces = [folded.codes[start : start + _PIECE] for start in range(0, len(folded), _PIECE)]
    first, *others = (model.weigh(buffer_of(piece), channel, whole) for piece in pieces)
    scores = [first.score, *(each.score for each in others)]
    return folded, float(np.average(scores, weights=[len(piece) for piece in pieces])), first


def _in_pieces(texts: Iterable[str]) -> Iterator[list[str]]:
    """All texts in order: short ones that follow each other together, long ones by themselves."""
    for is_short, run in groupby(texts, lambda text: len(text) <= _LONGEST_TOGETHER):
        while together := list(islice(run, _TOGETHER if is_short else 1)):
            yield together


def _weighed_all(texts: Iterable[str], channel: Channel | None) -> Iterator[Weighed]:
    """`_weighed` of every text, in order."""
    for together in _in_pieces(texts):
        if len(together) == 1:
            yield _weighed(together[0], channel)
            continue
        joined, folded = fold_all(together)
        lengths = [len(each.buffer) for each in folded]
        for each, evidence in zip(folded, default_model().weigh_all(joined, lengths, channel), strict=True):
            yield each, evidence.score, evidence


def _blended(score: float, shares: Sequence[float], length: int, reading: Reading) -> float:
    return default_model().blend.score(traits(score, rule_traits(length, reading), shares))


def neutral_chance(sight: Sight, heads: dict[str, float]) -> float:
    """Probability of neutral: learned on posts and service turns; a review or a turn must also say nothing polar."""
    post_share, chat_share = sight.evidence.share_of("post"), sight.evidence.share_of("chat")
    scores = [abs(each.score) for clause in sight.reading.clauses for each in clause.judgements]
    strongest = max(scores, default=0.0)
    of_review = _NEUTRAL_REVIEW[strongest > 0]
    of_chat = _NEUTRAL_CHAT[strongest > _WEAK]
    trust = post_share + chat_share * of_chat + (1 - post_share - chat_share) * of_review
    lean = 0.0
    if strongest <= _WEAK and not _wants(sight.reading):
        lean = chat_share * (_TURN_LEAN + _QUESTION_LEAN * ("ask" in sight.reading.cues))
    neutral = sigmoid(heads["neutral"] + lean) * trust
    return neutral if sight.shift is None else sight.shift.neutral(neutral)


def _wants(reading: Reading) -> bool:
    """Whether somebody waits for something or complains."""
    return any(word.entry.urgency or word.entry.complaint > 1 for word in reading.words)


def _polarity(probability: float, neutral: float = 0.0) -> Polarity:
    if neutral > (1 - neutral) * max(probability, 1 - probability):
        return "neutral"
    if abs(2 * probability - 1) < SURE:
        return "unsure"
    return "positive" if probability >= 0.5 else "negative"


def _by_place(sight: Sight) -> Floats:
    """The model's log-odds per folded character of the first piece, with a brand's part in them."""
    if sight.shift is not None:
        return sight.shift.places
    return default_model().place_weights(sight.evidence)[1:-1]


def _aspects(sight: Sight, pulls: list[float]) -> dict[str, AspectOpinion]:
    """What is said of the aspects that the rules found judged, and where."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for clause in sight.reading.clauses:
        if clause.mentions:
            for name, places in aspects.in_clause(clause).items():
                spans.setdefault(name, []).extend([sight.folded.span(*place) for place in places])
    if not spans:
        return {}
    opinions = {}
    for name, score in _said_of(sight, pulls, spans).items():
        chance = sigmoid(score)
        opinions[name] = AspectOpinion(_polarity(chance), chance, aspects.merged(spans[name]))
    return opinions


def _said_of(sight: Sight, pulls: list[float], names: Collection[str]) -> dict[str, float]:
    """Log-odds of positive of each of the aspects `names`, from its passage."""
    model = default_model()
    weighing = model.card.get("aspect_said")
    weights = model.said_weights(sight.evidence)
    said = [] if weights is None else weights[1:-1].tolist()
    passages = aspects.passages(sight.reading, names)
    whole = aspects.Passage([(0, len(pulls))])
    scores = {}
    for name in names:
        passage = passages.get(name, whole)
        pulled, length = _over(passage.places, pulls)
        heard = pulled * math.sqrt(len(pulls) / max(length, 1))
        if weighing is None:
            scores[name] = passage.rule + 0.5 * heard
            continue
        raw, _ = _over(passage.places, said)
        own = raw * max(ngram_total(length), 1) ** -0.5 + model.said_intercept
        values = aspects.traits(passage, heard, sight.score, own)
        bias = weighing["biases"].get(name, 0.0)
        scores[name] = bias + sum(map(mul, values, weighing["weights"]))
    return scores


def _over(places: Iterable[tuple[int, int]], pulls: list[float]) -> tuple[float, int]:
    """(sum, characters) over folded places, as far as `pulls` reach."""
    total, length = 0.0, 0
    for start, end in places:
        own = pulls[start:end]
        total += sum(own)
        length += len(own)
    return total, length


def _words(sight: Sight, pulls: list[float]) -> list[tuple[int, int, float]]:
    """Runs of characters that pulled the same way, the strongest only, in the order of the text."""
    if sight.ruled:
        _add_rules(pulls, sight.reading)
    least = max(_LEAST_WORD, 0.3 * max(max(pulls, default=0.0), -min(pulls, default=0.0)))
    runs: list[tuple[int, int, float]] = []
    start, upto, total = 0, 0, 0.0
    for place, pull in enumerate(pulls):
        if -least < pull < least:
            continue
        if place > upto or pull * total <= 0:
            if total:
                runs.append((start, upto, total))
            start, total = place, 0.0
        upto, total = place + 1, total + pull
    if total:
        runs.append((start, upto, total))
    if len(runs) > _MOST_WORDS:
        runs = sorted(sorted(runs, key=lambda run: -abs(run[2]))[:_MOST_WORDS])
    if sight.folded.is_regular:
        return runs
    return [(*sight.folded.span(start, end), weight) for start, end, weight in runs]


def _add_rules(pulls: list[float], reading: Reading) -> None:
    """Spread each judgement's part over the characters that made it."""
    for clause in reading.clauses:
        for each in clause.judgements:
            end = min(each.end, len(pulls))
            part = WORD_SHARE * clause.weight * each.score / max(end - each.start, 1)
            for place in range(each.start, end):
                pulls[place] += part
