"""Measure the engine on this installation, in the background."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...accounts.models import Account
from ...database import utcnow
from ...events import announce
from ...sentiment.speed import Speed
from ...settings import change_setting, define, setting
from .events import SpeedAsked

# When the newest measurement was asked for (ISO 8601); empty: never.
define("sentiment.speed_asked", "")
# What it gave (sentiment.speed.Speed) and when (`at`, ISO 8601); empty: never measured.
define("sentiment.speed", {})

#: After this time a measurement that was asked for counts as lost, and may be asked for again.
LOST_AFTER = timedelta(minutes=2)


def ask_speed(acting: Account) -> None:
    """Have the worker measure; while it does, asking again changes nothing."""
    if is_measuring():
        return
    change_setting("sentiment.speed_asked", utcnow().isoformat())
    announce(SpeedAsked(acting.id))


def keep_speed(speed: Speed) -> None:
    """Keep what was measured."""
    change_setting("sentiment.speed", speed.to_json() | {"at": utcnow().isoformat()})
    change_setting("sentiment.speed_asked", "")


def is_measuring() -> bool:
    """Whether a measurement is under way."""
    asked = setting("sentiment.speed_asked")
    return bool(asked) and utcnow() - datetime.fromisoformat(asked) < LOST_AFTER


def kept_speed() -> dict[str, Any] | None:
    """The newest measurement with `at` as a moment, None before the first."""
    kept = setting("sentiment.speed")
    return {**kept, "at": datetime.fromisoformat(kept["at"])} if kept else None
