"""When so much working time has passed: several intervals a day, public holidays, 调休 days, pauses. Pure.

`deadline` answers with the steps that led there, so that a screen can say why this deadline and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: A clock that finds no working time in so many days never ends.
LONGEST_DAYS = 400

Interval = tuple[datetime, datetime]
#: From, until; None while the pause lasts.
Pause = tuple[datetime, datetime | None]


class NoWorkingTime(ValueError):
    """The calendar has no working time within LONGEST_DAYS."""


@dataclass(frozen=True)
class WorkCalendar:
    """A brand's working time.

    `week`: weekday (0 = Monday) → intervals in minutes after midnight, in order and apart, e.g. ((540, 720), (810, 1080)).
    `days_off` and `extra_days` (调休: a weekend day that is worked, with Monday's hours): day → holiday's name.
    `known_years`: the years whose holidays are in the data; others count as having none.
    """

    zone: str
    week: Mapping[int, Sequence[tuple[int, int]]]
    days_off: Mapping[date, str] = field(default_factory=dict)
    extra_days: Mapping[date, str] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def intervals(self, day: date) -> list[Interval]:
        """The working intervals of a local day, as UTC times."""
        if day in self.days_off:
            return []
        weekday = 0 if day in self.extra_days else day.weekday()
        return [(self._at(day, start), self._at(day, end)) for start, end in self.week.get(weekday, ())]

    def local_day(self, moment: datetime) -> date:
        """The day it is at `moment` in the brand's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def _at(self, day: date, minutes: int) -> datetime:
        days, rest = divmod(minutes, 1440)
        local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), ZoneInfo(self.zone))
        return local.astimezone(UTC)


@dataclass(frozen=True)
class Step:
    """One line of the explanation.

    kind: began · closed (began outside working time) · worked · off_day · weekend · extra_day · paused · unknown_year · due · stopped
    """

    kind: str
    begin: datetime
    end: datetime
    seconds: int = 0
    name: str = ""


@dataclass(frozen=True)
class Deadline:
    """When the time is up, None while the clock stands still, and the steps that led there."""

    at: datetime | None
    steps: tuple[Step, ...]


def deadline(start: datetime, seconds: int, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Deadline:
    """The moment at which `seconds` of working time have passed since the second of `start`; raises NoWorkingTime."""
    start = start.replace(microsecond=0)
    steps = [Step("began", start, start, seconds)]
    left = seconds
    day = calendar.local_day(start)
    for _ in range(LONGEST_DAYS):
        steps.extend(_day_steps(day, calendar))
        for begin, end in _working(day, start, calendar, pauses, steps):
            if left == seconds and begin > start and steps[-1].kind == "began":
                steps.append(Step("closed", start, begin))
            spent = min(left, int((end - begin).total_seconds()))
            left -= spent
            steps.append(Step("worked", begin, begin + timedelta(seconds=spent), spent))
            if not left:
                at = begin + timedelta(seconds=spent)
                return Deadline(at, (*_joined(steps), Step("due", at, at)))
        stopped = _open_pause(day, calendar, pauses)
        if stopped is not None:
            return Deadline(None, (*_joined(steps), Step("stopped", stopped, stopped, left)))
        day += timedelta(days=1)
    raise NoWorkingTime(calendar.zone)


def working_seconds(
    start: datetime, end: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> int:
    """How much working time lies between two moments, pauses left out; 0 when `end` is not after `start`."""
    total = 0
    day, last = calendar.local_day(start), calendar.local_day(end)
    while day <= last:
        for begin, until in _working(day, start, calendar, pauses, []):
            total += max(0, int((min(until, end) - begin).total_seconds()))
        day += timedelta(days=1)
    return total


def _day_steps(day: date, calendar: WorkCalendar) -> Iterator[Step]:
    midnight = calendar._at(day, 0)
    next_midnight = calendar._at(day, 1440)
    if day in calendar.days_off:
        yield Step("off_day", midnight, next_midnight, name=calendar.days_off[day])
    elif day in calendar.extra_days:
        yield Step("extra_day", midnight, next_midnight, name=calendar.extra_days[day])
    elif not calendar.week.get(day.weekday()):
        yield Step("weekend", midnight, next_midnight)
    if day.year not in calendar.known_years and calendar.known_years:
        yield Step("unknown_year", midnight, next_midnight, name=str(day.year))


def _working(
    day: date, start: datetime, calendar: WorkCalendar, pauses: Sequence[Pause], steps: list[Step]
) -> Iterator[Interval]:
    """The day's intervals after `start` without the pauses; a pause met on the way becomes a step."""
    for begin, end in calendar.intervals(day):
        cursor = max(begin, start)
        for halt, resume in sorted(pauses, key=lambda pause: pause[0]):
            until = resume or end
            if halt >= end or until <= cursor:
                continue
            if halt > cursor:
                yield cursor, halt
            if resume is not None:
                steps.append(Step("paused", max(halt, cursor), min(until, end)))
            cursor = max(cursor, min(until, end))
        if cursor < end:
            yield cursor, end


def _open_pause(day: date, calendar: WorkCalendar, pauses: Iterable[Pause]) -> datetime | None:
    """When the clock stopped for good (so far), if that was on or before this day."""
    for halt, resume in pauses:
        if resume is None and calendar.local_day(halt) <= day:
            return halt
    return None


def _joined(steps: Sequence[Step]) -> Iterator[Step]:
    """Days off in a row, and the said-once note on an unknown year, as one step each."""
    kept: list[Step] = []
    for step in steps:
        before = kept[-1] if kept else None
        if step.kind == "unknown_year" and any(
            one.kind == step.kind and one.name == step.name for one in kept
        ):
            continue
        if (
            before is not None
            and step.kind in ("off_day", "weekend", "paused")
            and (before.kind, before.name, before.end) == (step.kind, step.name, step.begin)
        ):
            kept[-1] = Step(step.kind, before.begin, step.end, name=step.name)
        else:
            kept.append(step)
    yield from kept
