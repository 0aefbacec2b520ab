"""What happens to cases."""

from __future__ import annotations

from dataclasses import dataclass

from ...events import Event


@dataclass(frozen=True)
class CaseOpened(Event):
    case_id: int


@dataclass(frozen=True)
class CaseAssigned(Event):
    case_id: int


@dataclass(frozen=True)
class CaseAnswered(Event):
    """The customer was told something; `entry_id` is what."""

    case_id: int
    entry_id: int


@dataclass(frozen=True)
class CaseSolved(Event):
    case_id: int


@dataclass(frozen=True)
class CaseReopened(Event):
    case_id: int


@dataclass(frozen=True)
class CaseClosed(Event):
    case_id: int


@dataclass(frozen=True)
class CaseRated(Event):
    case_id: int
    rating_id: int


@dataclass(frozen=True)
class CaseBreached(Event):
    """A limit passed: `clock` is 'reply' or 'solve'."""

    case_id: int
    clock: str
