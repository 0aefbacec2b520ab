"""How long signing in is refused after wrong passwords. Pure."""

from __future__ import annotations

from datetime import timedelta

FREE_FAILURES = 5
LONGEST = timedelta(hours=1)


def delay_after(failures: int) -> timedelta:
    """Nothing for the first four wrong passwords, a minute after the fifth, doubling up to an hour."""
    if failures < FREE_FAILURES:
        return timedelta()
    return min(timedelta(minutes=2 ** min(failures - FREE_FAILURES, 10)), LONGEST)
