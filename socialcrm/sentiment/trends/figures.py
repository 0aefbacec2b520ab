"""From daily counts to what a page shows of an aspect: totals, shares with their intervals, a line, an arrow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from .counting import POLARITIES
from .days import Range, week_of
from .intervals import wilson

#: Longer ranges are drawn by week.
LONGEST_DAILY = 31
#: With fewer texts than this on either side no arrow is drawn.
LEAST_COMPARED = 8


@dataclass(slots=True)
class Counts:
    """How many texts of each polarity."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unsure: int = 0

    @property
    def texts(self) -> int:
        """All of them."""
        return self.negative + self.neutral + self.positive + self.unsure

    @property
    def share(self) -> float | None:
        """Of the negative ones; None without any text."""
        return self.negative / self.texts if self.texts else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson(self.negative, self.texts)

    def add(self, row: object) -> None:
        """Add the counts of a row that has them as attributes."""
        for name in POLARITIES:
            setattr(self, name, getattr(self, name) + int(getattr(row, name) or 0))


@dataclass(slots=True)
class Line:
    """One aspect ("": the texts as wholes), product or group over a range and the range before it."""

    name: str | int
    now: Counts = field(default_factory=Counts)
    before: Counts = field(default_factory=Counts)
    #: Day → counts of the days with any, and day or Monday of the week → counts of all; both of the range only.
    days: dict[date, Counts] = field(default_factory=dict)
    steps: dict[date, Counts] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """Of the negative share against the range before: up, down, same; "" when there is too little to say.

        up and down only where neither interval holds the other's share.
        """
        if min(self.now.texts, self.before.texts) < LEAST_COMPARED:
            return ""
        now, before = self.now.share or 0.0, self.before.share or 0.0
        if self.before.interval[0] <= now <= self.before.interval[1]:
            return "same"
        if self.now.interval[0] <= before <= self.now.interval[1]:
            return "same"
        return "up" if now > before else "down"


def steps_of(span: Range) -> list[date]:
    """The days of a range, or the Mondays of its weeks where it is long."""
    days = span.days()
    return days if span.length <= LONGEST_DAILY else list(dict.fromkeys(week_of(day) for day in days))


def lines_of(rows: Iterable[object], span: Range, by: str) -> dict[str | int, Line]:
    """Lines by the attribute `by` of rows (day, counts, …) that reach over the range and the one before."""
    weekly = span.length > LONGEST_DAILY
    empty = steps_of(span)
    lines: dict[str | int, Line] = {}
    for row in rows:
        name, day = getattr(row, by), row.day  # type: ignore[attr-defined]
        line = lines.get(name)
        if line is None:
            line = lines[name] = Line(name, steps={step: Counts() for step in empty})
        if day < span.first:
            line.before.add(row)
            continue
        line.now.add(row)
        line.days.setdefault(day, Counts()).add(row)
        line.steps[week_of(day) if weekly else day].add(row)
    return {name: line for name, line in lines.items() if line.now.texts or line.before.texts}


def by_negatives(lines: Iterable[Line]) -> list[Line]:
    """Those with the most negatives first."""
    return sorted(lines, key=lambda line: (-line.now.negative, -line.now.texts, str(line.name)))


def points(values: Sequence[float], width: int = 96, height: int = 24) -> str:
    """The `points` of an SVG polyline of the values, in a box of width × height; a flat line for equal values."""
    if not values:
        return ""
    top = max(*values, 0.0) or 1.0
    across = width / max(len(values) - 1, 1)
    return " ".join(
        f"{number * across:.1f},{height - 1 - value / top * (height - 2):.1f}"
        for number, value in enumerate(values)
    )
