"""Putting documents into the index, taking them out, and rebuilding it while it is in use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .documents import Document
from .engines import current_engine


@dataclass(frozen=True)
class Source:
    """Where the documents of one kind come from.

    `ids_after(last, limit)` gives the next ids in ascending order, searchable or not, and an empty list at the
    end; `documents(ids)` reads the searchable ones among them.
    """

    kind: str
    ids_after: Callable[[int, int], Sequence[int]]
    documents: Callable[[Sequence[int]], Iterable[Document]]


def refresh_documents(source: Source, ids: Sequence[int]) -> None:
    """Bring the index up to what is true of these ids now: searchable ones are put, all others taken out."""
    if not ids:
        return
    as_of = time.time_ns()
    ids = sorted(set(ids))
    documents = list(source.documents(ids))
    found = {document.key for document in documents}
    engine = current_engine()
    if documents:
        engine.put(documents, as_of)
    gone = [key for key in (f"{source.kind}:{number}" for number in ids) if key not in found]
    if gone:
        engine.remove(gone, as_of)


def begin_reindex() -> None:
    """Start a rebuild; the index goes on answering and accepting meanwhile."""
    current_engine().begin_rebuild()


def reindex_next(source: Source, last: int, limit: int) -> Sequence[int]:
    """Put the next `limit` ids after `last` into the rebuilt index; returns them, empty at the end."""
    ids = source.ids_after(last, limit)
    if ids:
        current_engine().put_rebuilt(source.documents(ids), time.time_ns())
    return ids


def finish_reindex() -> int:
    """Make the rebuilt index the only one; returns how many documents it holds."""
    current_engine().finish_rebuild()
    return current_engine().count()
