"""The engine of the full set: Elasticsearch holding our tokens (`whitespace` analysis, no scripts, no _reindex).

Readers and writers know two aliases: `PREFIX-search`, and `PREFIX-search-next` while a rebuild runs. Every write
goes to both, so a rebuild loses nothing; a write to an absent alias is refused by the server and ignored. What was
read later wins (external versions), also against the rebuild; a removal leaves an empty stone that says so, and
stones are not carried into the next index.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.helpers import streaming_bulk

from .analysis import Alternative, Clause, Query, Term
from .documents import Document, Fields, Viewer, microseconds, moment, tokens_of
from .engine import POOL, Candidate, SearchUnavailable, half_of, points

STONE = "gone"
SHOWN = {"type": "keyword", "index": False, "doc_values": False}
TOKENS = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "docs"}
MAPPINGS = {
    "dynamic": "strict",
    "properties": {
        "key": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "subject_id": {"type": "long", "index": False},
        "shown_title": SHOWN,
        "shown_body": SHOWN,
        "url": SHOWN,
        "audience": {"type": "keyword"},
        "group_id": {"type": "long"},
        "customer_id": {"type": "long"},
        "at": {"type": "long"},
        "title": TOKENS,
        "body": TOKENS,
        "title_sound": TOKENS,
        "body_sound": TOKENS,
    },
}
SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}
NEWEST_FIRST: list[dict[str, Any]] = [{"at": "desc"}, {"key": "asc"}]


class RebuildOvertaken(Exception):
    """Another rebuild began while this one ran, and took its place."""


class ElasticEngine:
    """Elasticsearch behind the engine interface. Raises SearchUnavailable when the server does not answer."""

    def __init__(self, url: str, prefix: str, timeout: float = 10.0) -> None:
        self._client = Elasticsearch(url, request_timeout=timeout, max_retries=1, retry_on_timeout=False)
        self.prefix = prefix
        self._alias = f"{prefix}-search"
        self._next = f"{prefix}-search-next"
        self._building: str | None = None

    def put(self, documents: Iterable[Document], as_of: int) -> None:
        self._write(((document.key, _source(document)) for document in documents), as_of)

    def remove(self, keys: Sequence[str], as_of: int) -> None:
        self._write(((key, {"key": key, "kind": STONE}) for key in keys), as_of)

    def strict(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        found = self._select_strictly(query, viewer, kinds, title_only=False)
        if len(found) == POOL:
            found += self._select_strictly(query, viewer, kinds, title_only=True)
        return found

    def _select_strictly(
        self, query: Query, viewer: Viewer, kinds: Sequence[str], *, title_only: bool
    ) -> list[Candidate]:
        readings = [{"bool": {"filter": _every(reading, title_only)}} for reading in query.readings]
        wanted = {"bool": {"filter": [_any_of(readings), *_may_see(viewer, kinds)]}}
        return self._select(query=wanted, sort=NEWEST_FIRST)

    def loose(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        clauses = query.rough
        gains = [
            {"constant_score": {"filter": _either(clause, title_only=False), "boost": points(clause)}}
            for clause in clauses
        ]
        wanted = {"bool": {"should": gains, "minimum_should_match": 1, "filter": _may_see(viewer, kinds)}}
        order = [{"_score": "desc"}, *NEWEST_FIRST]
        return self._select(query=wanted, sort=order, min_score=half_of(clauses))

    def begin_rebuild(self) -> None:
        with _reaching():
            self._ensure()
            for abandoned in self._behind(self._next):
                self._client.indices.delete(index=abandoned, ignore_unavailable=True)
            self._building = f"{self._alias}-{time.time_ns()}"
            self._create(self._building, self._next)

    def put_rebuilt(self, documents: Iterable[Document], as_of: int) -> None:
        if self._building is None:
            raise RuntimeError("put_rebuilt before begin_rebuild")
        entries = ((document.key, _source(document)) for document in documents)
        with _reaching():
            for _, outcome in self._bulk(_actions(entries, [self._building], as_of), require_alias=False):
                _check(outcome, missing_is_fine=False)

    def finish_rebuild(self) -> None:
        if self._building is None:
            raise RuntimeError("finish_rebuild before begin_rebuild")
        with _reaching():
            if self._behind(self._next) != [self._building]:
                raise RebuildOvertaken(self._building)
            old = self._behind(self._alias)
            swap: list[dict[str, Any]] = [{"remove": {"index": name, "alias": self._alias}} for name in old]
            swap.append({"remove": {"index": self._building, "alias": self._next}})
            swap.append({"add": {"index": self._building, "alias": self._alias}})
            self._client.indices.refresh(index=self._building)
            self._client.indices.update_aliases(actions=swap)
            self._client.indices.delete(index=old)
        self._building = None

    def count(self) -> int:
        with _reaching():
            self._ensure()
            living = {"bool": {"must_not": [{"term": {"kind": STONE}}]}}
            return int(self._client.count(index=self._alias, query=living)["count"])

    def refresh(self) -> None:
        """Make what was written visible now instead of within a second (tests, the end of an import)."""
        with _reaching():
            self._client.indices.refresh(index=self._alias, ignore_unavailable=True)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _write(self, entries: Iterable[tuple[str, dict[str, Any]]], as_of: int) -> None:
        with _reaching():
            self._ensure()
            for action, outcome in self._bulk(
                _actions(entries, [self._alias, self._next], as_of), require_alias=True
            ):
                _check(outcome, missing_is_fine=action == self._next)

    def _bulk(
        self, actions: Iterator[dict[str, Any]], require_alias: bool
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """(the name written to, what became of it) for each action."""
        named = list(actions)
        outcomes = streaming_bulk(
            self._client, named, raise_on_error=False, raise_on_exception=True, require_alias=require_alias
        )
        for action, (_, outcome) in zip(named, outcomes, strict=True):
            yield action["_index"], outcome["index"]

    def _ensure(self) -> None:
        """Make the first index when there is none; two processes may try, one of them succeeds."""
        if not self._client.indices.exists_alias(name=self._alias):
            self._create(f"{self._alias}-1", self._alias)

    def _create(self, name: str, alias: str) -> None:
        with suppress(BadRequestError):
            self._client.indices.create(index=name, aliases={alias: {}}, mappings=MAPPINGS, settings=SETTINGS)

    def _behind(self, alias: str) -> list[str]:
        with suppress(NotFoundError):
            return sorted(self._client.indices.get_alias(name=alias).body)
        return []

    def _select(self, **request: Any) -> list[Candidate]:
        with _reaching():
            try:
                answer = self._client.search(index=self._alias, size=POOL, track_total_hits=False, **request)
            except NotFoundError:
                return []
        return [_candidate(hit["_source"]) for hit in answer["hits"]["hits"]]


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except TransportError as error:
        raise SearchUnavailable(str(error)) from error
    except ApiError as error:
        if error.status_code >= 500 or error.status_code == 429:
            raise SearchUnavailable(str(error)) from error
        raise


def _actions(
    entries: Iterable[tuple[str, dict[str, Any]]], names: Sequence[str], as_of: int
) -> Iterator[dict[str, Any]]:
    for key, source in entries:
        for name in names:
            yield {
                "_op_type": "index",
                "_index": name,
                "_id": key,
                "version": as_of,
                "version_type": "external_gte",
                "_source": source,
            }


def _check(outcome: dict[str, Any], missing_is_fine: bool) -> None:
    """409: something newer is there already. 404: no rebuild is running."""
    status = outcome["status"]
    if status < 300 or status == 409 or (status == 404 and missing_is_fine):
        return
    if status == 429 or status >= 500:
        raise SearchUnavailable(str(outcome))
    raise RuntimeError(f"Elasticsearch refused a document: {outcome}")


def _may_see(viewer: Viewer, kinds: Sequence[str]) -> list[dict[str, Any]]:
    audiences: list[dict[str, Any]] = [{"terms": {"audience": sorted(viewer.audiences)}}]
    if viewer.every_group:
        audiences.append({"prefix": {"audience": "group:"}})
    return [{"terms": {"kind": list(kinds)}}, _any_of(audiences)]


def _any_of(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": conditions, "minimum_should_match": 1}}


def _every(clauses: Sequence[Clause], title_only: bool) -> list[dict[str, Any]]:
    return [_either(clause, title_only) for clause in clauses]


def _either(clause: Clause, title_only: bool) -> dict[str, Any]:
    return _any_of([_all_of(alternative, title_only) for alternative in clause.alternatives])


def _all_of(alternative: Alternative, title_only: bool) -> dict[str, Any]:
    return {"bool": {"filter": [_match(term, title_only) for term in alternative.terms]}}


def _match(term: Term, title_only: bool) -> dict[str, Any]:
    title, body = ("title_sound", "body_sound") if term.sound else ("title", "body")
    how = "prefix" if term.prefix else "term"
    return _any_of([{how: {name: term.token}} for name in ((title,) if title_only else (title, body))])


def _source(document: Document) -> dict[str, Any]:
    fields = tokens_of(document)
    return {
        "key": document.key,
        "kind": document.kind,
        "subject_id": document.id,
        "shown_title": document.title,
        "shown_body": document.body,
        "url": document.url,
        "audience": document.audience,
        "group_id": document.group_id,
        "customer_id": document.customer_id,
        "at": microseconds(document.at),
        "title": fields.title,
        "body": fields.body,
        "title_sound": fields.title_sound,
        "body_sound": fields.body_sound,
    }


def _candidate(source: dict[str, Any]) -> Candidate:
    document = Document(
        kind=source["kind"],
        id=source["subject_id"],
        title=source["shown_title"],
        body=source["shown_body"],
        url=source["url"],
        audience=source["audience"],
        at=moment(source["at"]),
        group_id=source["group_id"],
        customer_id=source["customer_id"],
    )
    return Candidate(
        document, Fields(source["title"], source["body"], source["title_sound"], source["body_sound"])
    )
