"""What happens in this room."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class SpeedAsked(Event):
    """Somebody wants to know how fast the engine is on this installation."""

    account_id: int
