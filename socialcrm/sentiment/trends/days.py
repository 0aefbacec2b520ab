"""Days and weeks of the brand's zone, and the ranges a page shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

RANGES = (7, 30, 90)


def day_of(moment: datetime, zone: str) -> date:
    """The day in the zone to which an aware moment belongs."""
    return moment.astimezone(ZoneInfo(zone)).date()


def week_of(day: date) -> date:
    """The Monday that begins the day's week."""
    return day - timedelta(days=day.weekday())


def begin_of(day: date, zone: str) -> datetime:
    """When the day begins in the zone, aware UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


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

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """[since, until) in UTC."""
        return begin_of(self.first, zone), begin_of(self.last + timedelta(days=1), zone)
