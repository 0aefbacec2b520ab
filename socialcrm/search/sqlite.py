"""The engine of the embedded set: FTS5 over our own tokens, in the same database and transaction as the rest.

`search_fts_document` holds what results show, `search_fts` (FTS5) the tokens under the same row id. A rebuild is
live: it raises the generation, replaces row by row, and finally drops rows of earlier generations; whatever is
written meanwhile carries the new generation and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, text
from sqlalchemy.exc import OperationalError

from .analysis import Alternative, Clause, Query, Term
from .documents import Document, Fields, Viewer, microseconds, moment, tokens_of
from .engine import POOL, Candidate, SearchUnavailable, half_of, points

TABLES = (
    """CREATE TABLE IF NOT EXISTS search_fts_document (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject_id INTEGER NOT NULL,
        at INTEGER NOT NULL, audience TEXT NOT NULL, group_id INTEGER, customer_id INTEGER,
        generation INTEGER NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL)""",
    # Tokens hold ASCII letters and digits or anything beyond ASCII: the ascii tokenizer leaves them whole.
    """CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(
        title, body, title_sound, body_sound, tokenize='ascii', detail=column, columnsize=0)""",
    """CREATE TABLE IF NOT EXISTS search_fts_generation (
        id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL)""",
    "INSERT OR IGNORE INTO search_fts_generation (id, number) VALUES (1, 1)",
)

PUT_DOCUMENT = text(
    """INSERT INTO search_fts_document
        (key, kind, subject_id, title, body, url, audience, group_id, customer_id, at, generation)
    VALUES (:key, :kind, :subject_id, :title, :body, :url, :audience, :group_id, :customer_id, :at,
        (SELECT number FROM search_fts_generation))
    ON CONFLICT (key) DO UPDATE SET title = excluded.title, body = excluded.body, url = excluded.url,
        audience = excluded.audience, group_id = excluded.group_id, customer_id = excluded.customer_id,
        at = excluded.at, generation = excluded.generation"""
)
IDS = text("SELECT key, id FROM search_fts_document WHERE key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)
DROP_TOKENS = text("DELETE FROM search_fts WHERE rowid = :id")
PUT_TOKENS = text(
    """INSERT INTO search_fts (rowid, title, body, title_sound, body_sound)
    VALUES (:id, :title, :body, :title_sound, :body_sound)"""
)
MAY_SEE = "d.kind IN :kinds AND (d.audience IN :audiences OR (:every_group AND d.audience LIKE 'group:%'))"
# Ids are sorted and cut first: sorting whole rows would carry every text along.
STRICT = f"""WITH best AS (
        SELECT d.id
        FROM search_fts i JOIN search_fts_document d ON d.id = i.rowid
        WHERE search_fts MATCH :condition AND {MAY_SEE} ORDER BY d.at DESC, d.key LIMIT :most)"""  # noqa: S608
LOOSE = f"""WITH gained AS (SELECT rowid AS id, SUM(points) AS points FROM ({{matches}}) GROUP BY rowid),
    best AS (
        SELECT d.id FROM gained g JOIN search_fts_document d ON d.id = g.id
        WHERE g.points >= :half AND {MAY_SEE} ORDER BY g.points DESC, d.at DESC, d.key LIMIT :most)"""  # noqa: S608
FOUND = """ SELECT d.kind, d.subject_id, d.title, d.body, d.url, d.audience, d.group_id, d.customer_id, d.at,
        i.title, i.body, i.title_sound, i.body_sound
    FROM best b JOIN search_fts_document d ON d.id = b.id JOIN search_fts i ON i.rowid = d.id"""


def create_tables(connection: Connection) -> None:
    """Make the tables where they are missing: called by the first migration and after `create_all`, on SQLite."""
    for statement in TABLES:
        connection.execute(text(statement))


class SqliteEngine:
    """FTS5 behind the engine interface; `connection` gives the current transaction's connection."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    def put(self, documents: Iterable[Document], as_of: int) -> None:
        """Writers queue on SQLite and read inside their transaction, so the last one is right."""
        connection = self._connection()
        given = {document.key: document for document in documents}
        if not given:
            return
        connection.execute(PUT_DOCUMENT, [_values(document) for document in given.values()])
        ids = {row.key: row.id for row in connection.execute(IDS, {"keys": list(given)})}
        connection.execute(DROP_TOKENS, [{"id": row_id} for row_id in ids.values()])
        connection.execute(
            PUT_TOKENS,
            [{"id": ids[key], **_token_values(tokens_of(document))} for key, document in given.items()],
        )

    def remove(self, keys: Sequence[str], as_of: int) -> None:
        self._drop("key IN :keys", keys=list(keys))

    def strict(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        found = self._select_strictly(query, viewer, kinds, title_only=False)
        if len(found) == POOL:
            found += self._select_strictly(query, viewer, kinds, title_only=True)
        return found

    def _select_strictly(
        self, query: Query, viewer: Viewer, kinds: Sequence[str], *, title_only: bool
    ) -> list[Candidate]:
        condition = " OR ".join(f"({_every(reading, title_only)})" for reading in query.readings)
        return self._select(STRICT + FOUND, viewer, kinds, condition=condition)

    def loose(self, query: Query, viewer: Viewer, kinds: Sequence[str]) -> list[Candidate]:
        clauses = query.rough
        matches = " UNION ALL ".join(
            f"SELECT rowid, {points(clause)} AS points FROM search_fts WHERE search_fts MATCH :clause{number}"  # noqa: S608
            for number, clause in enumerate(clauses)
        )
        wanted = {
            f"clause{number}": _either(clause, title_only=False) for number, clause in enumerate(clauses)
        }
        statement = LOOSE.format(matches=matches) + FOUND
        return self._select(statement, viewer, kinds, half=half_of(clauses), **wanted)

    def begin_rebuild(self) -> None:
        self._connection().execute(text("UPDATE search_fts_generation SET number = number + 1"))

    def put_rebuilt(self, documents: Iterable[Document], as_of: int) -> None:
        self.put(documents, as_of)

    def finish_rebuild(self) -> None:
        self._drop("generation < (SELECT number FROM search_fts_generation)")
        self._connection().execute(text("INSERT INTO search_fts (search_fts) VALUES ('optimize')"))

    def count(self) -> int:
        return int(self._connection().execute(text("SELECT count(*) FROM search_fts_document")).scalar_one())

    def _drop(self, condition: str, **values: Any) -> None:
        statements = (
            f"DELETE FROM search_fts WHERE rowid IN (SELECT id FROM search_fts_document WHERE {condition})",  # noqa: S608
            f"DELETE FROM search_fts_document WHERE {condition}",  # noqa: S608
        )
        lists: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in values]
        for statement in statements:
            self._connection().execute(text(statement).bindparams(*lists), values)

    def _select(self, statement: str, viewer: Viewer, kinds: Sequence[str], **values: Any) -> list[Candidate]:
        lists: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in ("kinds", "audiences")]
        values |= {
            "kinds": list(kinds),
            "audiences": sorted(viewer.audiences),
            "every_group": viewer.every_group,
            "most": POOL,
        }
        try:
            rows = self._connection().execute(text(statement).bindparams(*lists), values).all()
        except OperationalError as error:
            raise SearchUnavailable(str(error.orig)) from error
        return [_candidate(row) for row in rows]


def _every(clauses: Sequence[Clause], title_only: bool) -> str:
    return " AND ".join(f"({_either(clause, title_only)})" for clause in clauses)


def _either(clause: Clause, title_only: bool) -> str:
    return " OR ".join(f"({_all_of(alternative, title_only)})" for alternative in clause.alternatives)


def _all_of(alternative: Alternative, title_only: bool) -> str:
    return " AND ".join(_match(term, title_only) for term in alternative.terms)


def _match(term: Term, title_only: bool) -> str:
    """FTS5 syntax; tokens hold letters and digits only, so nothing in them needs escaping."""
    title, body = ("title_sound", "body_sound") if term.sound else ("title", "body")
    columns = title if title_only else f"{title} {body}"
    return f'{{{columns}}} : "{term.token}"{" *" if term.prefix else ""}'


def _values(document: Document) -> dict[str, Any]:
    return {
        "key": document.key,
        "kind": document.kind,
        "subject_id": document.id,
        "title": document.title,
        "body": document.body,
        "url": document.url,
        "audience": document.audience,
        "group_id": document.group_id,
        "customer_id": document.customer_id,
        "at": microseconds(document.at),
    }


def _token_values(fields: Fields) -> dict[str, str]:
    return {
        "title": fields.title,
        "body": fields.body,
        "title_sound": fields.title_sound,
        "body_sound": fields.body_sound,
    }


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    kind, subject_id, title, body, url, audience, group_id, customer_id, at, *tokens = tuple(row)
    document = Document(kind, subject_id, title, body, url, audience, moment(at), group_id, customer_id)
    return Candidate(document, Fields(*tokens))
