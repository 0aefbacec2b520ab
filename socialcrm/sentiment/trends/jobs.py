"""Periodic work on the trends."""

from __future__ import annotations

from datetime import timedelta

import structlog

from ...database import step_of_long_work, transaction
from ...days import today
from .actions import forget_old_terms
from .deriving import derive_day, kept_day, mend_day
from .spikes import find_spikes

log = structlog.get_logger()

NIGHTLY_DAYS = 35


def look_for_spikes() -> int:
    """Judge yesterday, whose texts are all there, and today so far; returns how many spikes they hold."""
    now = today()
    found = 0
    for day in (now - timedelta(days=1), now):
        with step_of_long_work():
            found += len(find_spikes(day))
    return found


def drifted_cells() -> int:
    """How many cells of the last weeks differ from the opinions; changes nothing."""
    now = today()
    found = 0
    for back in range(NIGHTLY_DAYS):
        day = now - timedelta(days=back)
        derived, kept = derive_day(day), kept_day(day)
        found += sum(derived.get(key) != kept.get(key) for key in derived.keys() | kept.keys())
    return found


def check_trends() -> int:
    """The nightly check: the last weeks against the opinions, a day a transaction; returns what had drifted."""
    now = today()
    drifted = 0
    for back in range(NIGHTLY_DAYS):
        with step_of_long_work():
            drifted += mend_day(now - timedelta(days=back))
    if drifted:
        log.warning("trend_days_drifted", cells=drifted)
    with transaction():
        forget_old_terms()
    return drifted
