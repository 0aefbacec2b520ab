"""Which tags an opinion or a customer's traces give. Pure; the definitions people read are in data/tags.tsv."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

#: Aspect of the engine → stem of its pair of tags `<stem>_upset` and `<stem>_praise`.
ASPECT_TAGS = {
    "配送": "delivery",
    "客服": "service",
    "质量": "quality",
    "价格": "price",
    "包装": "packaging",
    "口味": "taste",
    "退换": "returns",
}
COMPLAINT_LIKELY = 0.6
ENGAGED_TRACES = 10
HIGH_VALUE_CENTS = 200_000
ADVOCATE_REFERRALS = 3
CLEAR_MOOD = 0.4
PERIOD_DAYS = 30


@dataclass(frozen=True)
class ShippedTag:
    """A tag this version brings, with what it means in both languages."""

    code: str
    kind: str
    name: str
    definition: str
    name_en: str
    definition_en: str


@lru_cache(maxsize=1)
def shipped_tags() -> dict[str, ShippedTag]:
    """Code → tag, in the order of the file."""
    path = resources.files(__package__) / "data" / "tags.tsv"
    with path.open(encoding="utf-8") as file:
        return {row["code"]: ShippedTag(**row) for row in csv.DictReader(file, delimiter="\t")}


@dataclass
class TagChange:
    """Codes to put, each with its evidence, and codes to take."""

    put: dict[str, dict[str, Any]] = field(default_factory=dict)
    take: set[str] = field(default_factory=set)

    def choose(self, given: bool, code: str, **evidence: Any) -> None:
        """Put the tag when `given`, else take it."""
        if given:
            self.put[code] = evidence
        else:
            self.take.add(code)


def tags_of_opinion(answer: Mapping[str, Any]) -> TagChange:
    """What one opinion (its JSON form) changes: an aspect's latest polarity rules its pair of tags."""
    change = TagChange()
    for aspect, said in answer["aspects"].items():
        stem = ASPECT_TAGS.get(aspect)
        if stem and said["polarity"] in ("negative", "positive"):
            _aspect_pair(change, stem, aspect, said)
    polarity, emotion = answer["polarity"], answer["emotion"]
    if answer["complaint"] >= COMPLAINT_LIKELY:
        change.put["complaint_likely"] = {"complaint": answer["complaint"]}
    elif polarity == "positive":
        change.take.add("complaint_likely")
    if emotion == "愤怒":
        change.put["angry"] = {"probability": answer["probability"]}
    elif polarity == "positive":
        change.take.add("angry")
    if emotion == "惊喜" and polarity != "negative":
        change.put["delighted"] = {"probability": answer["probability"]}
    elif polarity == "negative":
        change.take.add("delighted")
    return change


def opinion_tags() -> set[str]:
    """Every tag that `tags_of_opinion` may put."""
    pairs = {f"{stem}_{end}" for stem in ASPECT_TAGS.values() for end in ("upset", "praise")}
    return (pairs | {"complaint_likely", "angry", "delighted"}) & shipped_tags().keys()


def _aspect_pair(change: TagChange, stem: str, aspect: str, said: Mapping[str, Any]) -> None:
    upset = said["polarity"] == "negative"
    evidence = {"aspect": aspect, "probability": said["probability"], "spans": said["spans"]}
    pair = (f"{stem}_upset", f"{stem}_praise")
    given, other = pair if upset else pair[::-1]
    tags = shipped_tags()
    if given in tags:
        change.put[given] = evidence
    if other in tags:
        change.take.add(other)


@dataclass(frozen=True)
class Traces:
    """What a customer did, as the timeline and the facts of other areas tell it; money in cents, time in days."""

    known_days: int
    silent_days: int
    recent: int
    orders: int = 0
    spent_cents: int = 0
    converted_referrals: int = 0
    mood: float | None = None


def tags_of_traces(traces: Traces) -> TagChange:
    """The rule tags of a customer; every rule tag is either put or taken."""
    change = TagChange()
    known, orders, spent = traces.known_days, traces.orders, traces.spent_cents
    silent = known > PERIOD_DAYS and traces.silent_days >= PERIOD_DAYS
    change.choose(traces.recent >= ENGAGED_TRACES, "highly_engaged", recent=traces.recent)
    change.choose(silent, "silent", silent_days=traces.silent_days)
    change.choose(known < PERIOD_DAYS, "newcomer", known_days=known)
    change.choose(orders == 1, "first_order", orders=orders)
    change.choose(orders >= 2, "repeat_buyer", orders=orders)
    change.choose(known > PERIOD_DAYS and orders == 0, "never_bought", known_days=known)
    change.choose(spent >= HIGH_VALUE_CENTS, "high_value", spent_cents=spent)
    friends = traces.converted_referrals
    change.choose(1 <= friends < ADVOCATE_REFERRALS, "inviter", converted_referrals=friends)
    change.choose(friends >= ADVOCATE_REFERRALS, "advocate", converted_referrals=friends)
    mood = traces.mood
    change.choose(mood is not None and mood < -CLEAR_MOOD, "mood_low", mood=mood)
    change.choose(mood is not None and mood > CLEAR_MOOD, "mood_high", mood=mood)
    return change
