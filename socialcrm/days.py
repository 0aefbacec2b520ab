"""Days of the brand: moments are kept in UTC, days begin at the midnights of its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from .database import utcnow

#: Days that pages ask for; the calendar's own first and last leave no room for the day before and after.
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


def zone() -> ZoneInfo:
    """The brand's time zone."""
    return ZoneInfo(current_app.extensions["config"].timezone)


def today() -> date:
    """Today in the brand's zone."""
    return day_of(utcnow(), zone())


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day in the zone to which an aware moment belongs."""
    return moment.astimezone(zone).date()


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins in the zone, aware UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day of the zone begins and ends, aware UTC; the end belongs to the next day."""
    return begin_of(day, zone), begin_of(day + timedelta(days=1), zone)


def day_from(text: str | None) -> date | None:
    """The day an address names (2026-11-22); None when it names none between the years 1900 and 2999."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None
