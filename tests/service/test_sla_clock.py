"""When an answer is due: intervals, holidays, 调休, pauses, and the steps that say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.service.sla.calendar import holiday_data, parse_week
from socialcrm.service.sla.clock import NoWorkingTime, WorkCalendar, deadline, working_seconds

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((540, 720), (810, 1080))  # 9:00–12:00, 13:30–18:00
OFF, WORK, YEARS = holiday_data()
CALENDAR = WorkCalendar("Asia/Shanghai", dict.fromkeys(range(5), HOURS), OFF, WORK, YEARS)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-03 09:00", 60, "2026-03-03 10:00"),
        ("2026-03-03 11:30", 60, "2026-03-03 14:00"),  # over lunch
        ("2026-03-03 17:30", 60, "2026-03-04 09:30"),  # over night
        ("2026-03-03 07:00", 30, "2026-03-03 09:30"),  # before opening
        ("2026-03-06 17:30", 60, "2026-03-09 09:30"),  # over a weekend
        ("2026-09-30 17:30", 60, "2026-10-08 09:30"),  # over National Day
        ("2026-10-10 09:00", 30, "2026-10-10 09:30"),  # a 调休 Saturday is worked
        ("2026-10-11 09:00", 30, "2026-10-12 09:30"),  # the Sunday after is not
        ("2026-02-13 17:00", 120, "2026-02-14 10:00"),  # into the 调休 Saturday before 春节
        ("2026-02-14 17:00", 120, "2026-02-24 10:00"),  # and over the nine days
        ("2026-03-03 10:59:18", 60, "2026-03-03 11:59:18"),
    ],
)
def test_due(start: str, minutes: int, due: str) -> None:
    assert deadline(local(start), minutes * 60, CALENDAR).at == local(due)


def test_a_pause_moves_the_deadline_by_its_working_part() -> None:
    pauses = [(local("2026-03-03 10:00"), local("2026-03-03 13:45"))]
    due = deadline(local("2026-03-03 09:00"), 2 * 3600, CALENDAR, pauses)
    assert due.at == local("2026-03-03 14:45")
    assert [step.kind for step in due.steps] == ["began", "worked", "paused", "paused", "worked", "due"]


def test_an_open_pause_stops_the_clock_and_keeps_what_is_left() -> None:
    due = deadline(local("2026-03-03 09:00"), 2 * 3600, CALENDAR, [(local("2026-03-03 09:30"), None)])
    assert due.at is None
    assert (due.steps[-1].kind, due.steps[-1].seconds) == ("stopped", 90 * 60)


def test_a_pause_that_begins_after_the_deadline_changes_nothing() -> None:
    due = deadline(local("2026-03-03 09:00"), 3600, CALENDAR, [(local("2026-03-03 11:00"), None)])
    assert due.at == local("2026-03-03 10:00")


def test_the_steps_say_why() -> None:
    steps = deadline(local("2026-09-30 19:00"), 3600, CALENDAR).steps
    assert [(step.kind, step.name) for step in steps] == [
        ("began", ""),
        ("off_day", "国庆节"),
        ("worked", ""),
        ("due", ""),
    ]
    assert steps[1].end - steps[1].begin == timedelta(days=7)


def test_a_start_after_hours_says_so() -> None:
    steps = deadline(local("2026-03-03 12:10"), 3600, CALENDAR).steps
    assert [step.kind for step in steps] == ["began", "closed", "worked", "due"]


def test_a_year_without_data_is_said() -> None:
    steps = deadline(local("2027-03-03 09:00"), 3600, CALENDAR).steps
    assert ("unknown_year", "2027") in [(step.kind, step.name) for step in steps]


def test_no_working_time_is_an_error_and_not_a_loop() -> None:
    with pytest.raises(NoWorkingTime):
        deadline(local("2026-03-03 09:00"), 60, WorkCalendar("Asia/Shanghai", {}))


@pytest.mark.parametrize("hours", [["9:00-8:00"], ["09:00-12:00", "11:00-13:00"], ["09:00-25:00"], ["nine"]])
def test_hours_that_are_none_are_refused(hours: list[str]) -> None:
    with pytest.raises(ValueError):
        parse_week({"0": hours})


def test_round_the_clock() -> None:
    calendar = WorkCalendar("Asia/Shanghai", parse_week({str(day): ["00:00-24:00"] for day in range(7)}))
    start = local("2026-03-03 23:30")
    assert deadline(start, 7200, calendar).at == start + timedelta(hours=2)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(
    lambda value: value.replace(microsecond=0, tzinfo=UTC)
)


@given(MOMENTS, st.integers(1, 80 * 3600))
def test_as_much_working_time_passes_as_was_asked_for(start: datetime, seconds: int) -> None:
    due = deadline(start, seconds, CALENDAR).at
    assert due is not None
    assert working_seconds(start, due, CALENDAR) == seconds


@given(MOMENTS, st.integers(1, 40 * 3600), st.integers(0, 72), st.integers(1, 72))
def test_with_a_pause_too(start: datetime, seconds: int, after: int, hours: int) -> None:
    halt = start + timedelta(hours=after)
    pauses = [(halt, halt + timedelta(hours=hours))]
    due = deadline(start, seconds, CALENDAR, pauses).at
    assert due is not None
    assert working_seconds(start, due, CALENDAR, pauses) == seconds


@given(MOMENTS, st.integers(1, 40 * 3600), st.integers(1, 3600))
def test_more_work_is_never_due_earlier(start: datetime, seconds: int, more: int) -> None:
    first, second = deadline(start, seconds, CALENDAR).at, deadline(start, seconds + more, CALENDAR).at
    assert first is not None and second is not None and first < second
