"""Which characters of a text to mark, and with what: from the engine's answer to spans for a screen. Pure."""

from __future__ import annotations

from typing import Any

Span = tuple[int, int, str]
#: Words that moved the decision less than this are left unmarked.
LEAST_WEIGHT = 0.2


def telling_spans(opinion: dict[str, Any]) -> list[Span]:
    """(start, end, polarity), not overlapping, in order: aspect by aspect first, then single words outside of them."""
    aspects = [
        (start, end, found["polarity"])
        for found in opinion["aspects"].values()
        for start, end in found["spans"]
    ]
    words = [
        (start, end, "positive" if weight > 0 else "negative")
        for start, end, weight in opinion["words"]
        if abs(weight) >= LEAST_WEIGHT
    ]
    kept: list[Span] = []
    for start, end, polarity in [*sorted(aspects, key=lambda span: span[0] - span[1]), *words]:
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, polarity))
    return sorted(kept)


def aspect_pairs(opinion: dict[str, Any]) -> list[tuple[str, str]]:
    """(aspect, polarity), the negative ones first."""
    order = {"negative": 0, "unsure": 1, "neutral": 2, "positive": 3}
    pairs = [(name, found["polarity"]) for name, found in opinion["aspects"].items()]
    return sorted(pairs, key=lambda pair: order[pair[1]])
