"""Days of the brand's zone, and medians. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: str) -> date:
    """The day in the zone to which an aware moment belongs."""
    return moment.astimezone(ZoneInfo(zone)).date()


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day of the zone begins and ends, aware UTC; the end belongs to the next day."""
    place = ZoneInfo(zone)
    begin = datetime.combine(day, time.min, place)
    end = datetime.combine(day + timedelta(days=1), time.min, place)
    return begin.astimezone(UTC), end.astimezone(UTC)


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
