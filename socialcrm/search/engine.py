"""What an engine must do: keep documents with their tokens, and pre-select candidates for a query.

Both engines select by the same boolean conditions and in the same order (newest first), so that what `ranking`
then sees, and therefore the answer, is the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import SocialError
from .analysis import Clause, Query
from .documents import Document, Fields, Viewer

#: How many documents each selection hands to the ranking; results end there.
POOL = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored document and its tokens."""

    document: Document
    fields: Fields


class SearchUnavailable(SocialError):
    """The engine does not answer; `reason` is for the log."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__("search_unavailable")
        self.reason = reason


class Engine(Protocol):
    """One search engine. Writes happen in the caller's transaction where the engine has one."""

    def put(self, documents: Iterable[Document], as_of: int) -> None:
        """Insert or replace. `as_of`: nanoseconds since the epoch, taken before the documents were read;
        where writers can overtake each other, what was read later wins."""

    def remove(self, keys: Sequence[str], as_of: int) -> None:
        """Take documents out; unknown keys are no error."""

    def strict(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        """Documents that satisfy a whole reading: the newest POOL and, when there are more, the newest POOL that
        do by their title alone. One may come twice."""

    def loose(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        """The POOL documents that satisfy most of the rough reading, at least half of its weight."""

    def begin_rebuild(self) -> None:
        """Start a rebuild: from now on every `put` and `remove` counts for the old and the new state."""

    def put_rebuilt(self, documents: Iterable[Document], as_of: int) -> None:
        """A batch of a running rebuild; never overwrites what was put later."""

    def finish_rebuild(self) -> None:
        """Make the new state the only one: what was not put since `begin_rebuild` is gone."""

    def count(self) -> int:
        """How many documents can be found."""


def points(clause: Clause) -> int:
    """A clause's weight as whole points, so that sums are exact in both engines."""
    return round(clause.weight * 10)


def half_of(clauses: Sequence[Clause]) -> int:
    """The fewest points with which a document answers loosely."""
    return -(-sum(points(clause) for clause in clauses) // 2)
