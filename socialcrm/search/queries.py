"""The one question the rest of the product asks: what answers this text, for this viewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import Invalid
from .analysis import Query, parse
from .documents import KINDS, PUBLIC_KINDS, Document, Viewer, microseconds
from .engine import Candidate, Engine
from .engines import current_engine
from .highlight import Piece, excerpt, marked
from .ranking import score, score_roughly

PAGE = 20
Position = tuple[float, int, str]
Door = Callable[[Sequence[Document]], set[str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: `title` and `excerpt` in pieces, those that answer the query marked."""

    kind: str
    id: int
    url: str
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]
    at: datetime
    group_id: int | None
    customer_id: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, best first. `after` continues it, None at the end; `loosely`: nothing answered completely,
    these answer most of what was asked."""

    hits: tuple[Hit, ...]
    after: str | None
    loosely: bool


NOTHING = Results((), None, False)


def search(
    text: str,
    viewer: Viewer,
    *,
    kinds: Sequence[str] = (),
    after: str | None = None,
    limit: int = PAGE,
    may_open: Door | None = None,
) -> Results:
    """Search for `viewer` with the installation's engine; see `search_with`."""
    return search_with(
        current_engine(), text, viewer, kinds=kinds, after=after, limit=limit, may_open=may_open
    )


def search_with(
    engine: Engine,
    text: str,
    viewer: Viewer,
    *,
    kinds: Sequence[str] = (),
    after: str | None = None,
    limit: int = PAGE,
    may_open: Door | None = None,
) -> Results:
    """What answers `text`, best first, among `kinds` (all that the viewer may see when empty).

    `may_open` is a last door: it gets documents and returns the keys of those that may be shown, because the
    index may be a second behind. `after` is a previous page's. Raises Invalid("bad_cursor") on any other value,
    Invalid("bad_kind") on an unknown kind, SearchUnavailable when the engine does not answer.
    """
    query = parse(text)
    wanted = _kinds_for(viewer, kinds)
    behind = _position(after) if after else None
    if query is None or not wanted:
        return NOTHING
    ranked, loosely = _ranked(engine, query, viewer, wanted)
    if behind is not None:
        ranked = [(place, document) for place, document in ranked if place > behind]
    shown = list(_first(ranked, limit + 1, may_open))
    page = shown[:limit]
    hits = tuple(_hit(place, document, query) for place, document in page)
    return Results(hits, _cursor(page[-1][0]) if len(shown) > limit else None, loosely)


def _kinds_for(viewer: Viewer, kinds: Sequence[str]) -> tuple[str, ...]:
    unknown = set(kinds) - set(KINDS)
    if unknown:
        raise Invalid("bad_kind", field="kind")
    visible = KINDS if viewer.staff else PUBLIC_KINDS
    return tuple(kind for kind in visible if not kinds or kind in kinds)


def _ranked(
    engine: Engine, query: Query, viewer: Viewer, kinds: Sequence[str]
) -> tuple[list[tuple[Position, Document]], bool]:
    """Everything found with its place, in order; and whether it answers only most of the query."""
    exact = _placed(engine.strict(query, viewer, kinds), query, score)
    if exact or len(query.rough) < 2:
        return exact, False
    rough = _placed(engine.loose(query, viewer, kinds), query, score_roughly)
    return rough, bool(rough)


def _placed(
    candidates: Sequence[Candidate], query: Query, worth: Callable[..., float]
) -> list[tuple[Position, Document]]:
    """Best first, then newest, then by key: the same order on every engine and every page."""
    placed = []
    for candidate in {candidate.document.key: candidate for candidate in candidates}.values():
        document = candidate.document
        value = worth(query, document.kind, document.title, candidate.fields)
        if value > 0:
            placed.append(((-value, -microseconds(document.at), document.key), document))
    return sorted(placed, key=lambda pair: pair[0])


def _first(
    ranked: Sequence[tuple[Position, Document]], count: int, may_open: Door | None
) -> Iterator[tuple[Position, Document]]:
    """The first `count` that the door lets through; asks it for twice as many at a time."""
    left = count
    for start in range(0, len(ranked), 2 * count):
        some = ranked[start : start + 2 * count]
        permitted = None if may_open is None else may_open([document for _, document in some])
        for place, document in some:
            if permitted is None or document.key in permitted:
                yield place, document
                left -= 1
                if left == 0:
                    return


def _hit(place: Position, document: Document, query: Query) -> Hit:
    return Hit(
        kind=document.kind,
        id=document.id,
        url=document.url,
        title=marked(document.title, query),
        excerpt=excerpt(document.body, query),
        at=document.at,
        group_id=document.group_id,
        customer_id=document.customer_id,
        score=-place[0],
    )


def _cursor(place: Position) -> str:
    return f"{-place[0]:.4f}~{-place[1]}~{place[2]}"


def _position(cursor: str) -> Position:
    try:
        value, at, key = cursor.split("~")
        return -float(value), -int(at), key
    except ValueError as error:
        raise Invalid("bad_cursor", field="after") from error
