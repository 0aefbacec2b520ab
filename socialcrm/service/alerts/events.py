"""What happens to alerts."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class AlertRaised(Event):
    alert_id: int
