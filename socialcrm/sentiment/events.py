"""What happens in the sentiment area."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class TextScored(Event):
    """A text has an opinion for the first time."""

    opinion_id: int
    subject: str
    subject_id: int
    customer_id: int | None


@dataclass(frozen=True)
class TextRescored(Event):
    """A text that had an opinion was read again: it was edited, or the model or the words changed."""

    opinion_id: int
    subject: str
    subject_id: int


@dataclass(frozen=True)
class OpinionForgotten(Event):
    """The opinion of a text that was taken away is gone."""

    opinion_id: int
    subject: str
    subject_id: int


@dataclass(frozen=True)
class OpinionCorrected(Event):
    """A member of staff said what the answer should have been."""

    opinion_id: int
    correction_id: int
