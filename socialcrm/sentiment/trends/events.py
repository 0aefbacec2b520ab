"""What happens in the trends."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class SpikeFound(Event):
    """An aspect at a place draws more negatives than usual, for the first of its days."""

    spike_id: int


@dataclass(frozen=True)
class HearingChanged(Event):
    """What belongs to which product is told otherwise: texts after `after_id` are to be counted again, a piece an event.

    A round that a later change has overtaken ends: the later one counts everything.
    """

    after_id: int
    round: str = ""
