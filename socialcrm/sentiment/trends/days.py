"""Weeks, and the ranges of days that a page shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ...days import begin_of

RANGES = (7, 30, 90)


def week_of(day: date) -> date:
    """The Monday that begins the day's week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Range:
    """Days from `first` to `last`, both of them in it."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, length: int) -> Range:
        """The `length` days that end with `last`."""
        return cls(last - timedelta(days=length - 1), last)

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Range:
        """As many days just before these."""
        return Range.ending(self.first - timedelta(days=1), self.length)

    def days(self) -> list[date]:
        """The days in their order."""
        return [self.first + timedelta(days=number) for number in range(self.length)]

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """[since, until) in UTC."""
        return begin_of(self.first, zone), begin_of(self.last + timedelta(days=1), zone)
