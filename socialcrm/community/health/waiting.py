"""How long topics wait for an answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median


def median_wait(waits: Iterable[tuple[datetime, datetime | None]]) -> tuple[int | None, int]:
    """Of (opened, first answered or None): the median seconds of the answered ones, and how many are unanswered."""
    seconds = []
    unanswered = 0
    for opened, answered in waits:
        if answered is None:
            unanswered += 1
        else:
            seconds.append(max(0.0, (answered - opened).total_seconds()))
    return (round(median(seconds)) if seconds else None), unanswered
