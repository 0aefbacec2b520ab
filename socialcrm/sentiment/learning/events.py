"""What happens when a brand teaches the engine."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class LayerAsked(Event):
    """Somebody, or the schedule, wants a layer learned from the corrections."""

    version_id: int


@dataclass(frozen=True)
class RescoringPieceDue(Event):
    """The texts, or the people, after an id are next."""

    rescoring_id: int
    after_id: int
