"""The brand's working calendar from its settings and the holiday data file."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from ...config import Config
from ...settings import define, setting
from .clock import WorkCalendar

# Working hours: weekday (0 = Monday) → intervals "09:00-12:00"; several a day, "24:00" ends the day.
define("service.hours", {str(day): ["09:00-12:00", "13:00-21:00"] for day in range(7)})
# Whether public holidays are days off and 调休 days are worked.
define("service.holidays", True)
# The first answer should come within this many working seconds (1.7 minutes) …
define("service.first_reply_goal_seconds", 102)
# … and must come within this many.
define("service.first_reply_limit_seconds", 4 * 3600)
# A later question of the customer is answered within this many working seconds.
define("service.next_reply_limit_seconds", 4 * 3600)
# A solution within so many working hours, by priority.
define("service.solve_hours", {"low": 40, "normal": 24, "high": 12, "urgent": 6})


def work_calendar(config: Config) -> WorkCalendar:
    """The calendar in force."""
    off, work, years = holiday_data() if setting("service.holidays") else ({}, {}, frozenset())
    return WorkCalendar(config.timezone, parse_week(setting("service.hours")), off, work, years)


def parse_week(hours: dict[str, list[str]]) -> dict[int, tuple[tuple[int, int], ...]]:
    """Settings' form → minutes; raises ValueError for a time that is none, or intervals out of order."""
    week = {}
    for day, texts in hours.items():
        intervals = tuple(_interval(text) for text in texts)
        edges = [edge for interval in intervals for edge in interval]
        if any(later <= earlier for earlier, later in pairwise(edges)):
            raise ValueError(f"intervals of weekday {day} overlap or end before they begin")
        week[int(day)] = intervals
    return week


def _interval(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _minutes(start), _minutes(end)


def _minutes(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    value = int(hours) * 60 + int(minutes or 0)
    if not 0 <= value <= 1440:
        raise ValueError(f"{text} is not a time of day")
    return value


@lru_cache(maxsize=1)
def holiday_data() -> tuple[dict[date, str], dict[date, str], frozenset[int]]:
    """Days off, worked weekend days (day → holiday's name) and the years covered, from data/days_*.tsv."""
    off: dict[date, str] = {}
    work: dict[date, str] = {}
    for file in resources.files(__package__ or "").joinpath("data").iterdir():
        if not file.name.startswith("days_"):
            continue
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                day, kind, name = line.split("\t")
                (off if kind == "off" else work)[date.fromisoformat(day)] = name
    return off, work, frozenset(day.year for day in off)


def as_settings(week: dict[str, str]) -> dict[str, Any]:
    """A form's lines ("09:00-12:00 13:00-21:00" per weekday) in the settings' form; raises ValueError."""
    hours = {day: text.replace("，", " ").replace(",", " ").split() for day, text in week.items()}
    parse_week(hours)
    return hours
