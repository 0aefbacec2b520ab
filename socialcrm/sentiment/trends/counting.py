"""What one text adds to the counts, and what a change of it changes. Pure.

A text counts once in each cell (day, group, channel, product, aspect) it belongs to, where group 0 is the whole
brand, product 0 any product or none, and aspect "" the text as a whole. So every figure on screen is the sum of
cells over days and channels only, and no text is ever counted twice in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product as combinations
from typing import Any

POLARITIES = ("negative", "neutral", "positive", "unsure")
#: day, group, channel, product, aspect
Cell = tuple[date, int, str, int, str]
#: week's Monday, group, term
TermCell = tuple[date, int, str]
#: A cell with a polarity → by how much its count changes.
Change = Counter[tuple[Cell, str]]
TermChange = Counter[tuple[TermCell, str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as the counts know it. `marks` is ("", polarity of the text), then (aspect, its polarity)."""

    day: date
    #: 0 when it was not said in a group.
    group_id: int
    channel: str
    products: tuple[int, ...]
    marks: tuple[tuple[str, str], ...]
    #: The week in which its terms count; None when it is too old for that.
    week: date | None = None

    @property
    def polarity(self) -> str:
        """Of the text as a whole."""
        return self.marks[0][1]

    def places(self) -> tuple[int, ...]:
        """The whole brand, and the group."""
        return (0, self.group_id) if self.group_id else (0,)

    def cells(self) -> Iterator[tuple[Cell, str]]:
        """Every cell it counts in, with the polarity there."""
        for group, item, (aspect, polarity) in combinations(self.places(), (0, *self.products), self.marks):
            yield (self.day, group, self.channel, item, aspect), polarity

    def to_json(self) -> dict[str, Any]:
        """The form that is stored, from which the text can be taken out of the counts again."""
        return {
            "day": self.day.isoformat(),
            "group": self.group_id,
            "channel": self.channel,
            "products": list(self.products),
            "marks": [list(mark) for mark in self.marks],
            "week": self.week.isoformat() if self.week else None,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Counted | None:
        """What was stored; None for a text that counts nowhere."""
        if not stored:
            return None
        return cls(
            day=date.fromisoformat(stored["day"]),
            group_id=stored["group"],
            channel=stored["channel"],
            products=tuple(stored["products"]),
            marks=tuple((aspect, polarity) for aspect, polarity in stored["marks"]),
            week=date.fromisoformat(stored["week"]) if stored["week"] else None,
        )


def change_of(old: Counted | None, new: Counted | None) -> Change:
    """What taking `old` out and putting `new` in changes; cells that stay the same are absent."""
    change: Change = Counter()
    for counted, sign in ((old, -1), (new, 1)):
        for cell in counted.cells() if counted else ():
            change[cell] += sign
    return Counter({cell: amount for cell, amount in change.items() if amount})


def term_change_of(
    old: Counted | None, old_terms: frozenset[str], new: Counted | None, new_terms: frozenset[str]
) -> TermChange:
    """The same for the weekly counts of terms."""
    change: TermChange = Counter()
    for counted, terms, sign in ((old, old_terms, -1), (new, new_terms, 1)):
        if counted is None or counted.week is None:
            continue
        for group, term in combinations(counted.places(), terms):
            change[(counted.week, group, term), counted.polarity] += sign
    return Counter({cell: amount for cell, amount in change.items() if amount})
