"""A file brought in on screen: kept, its columns chosen, then carried out by the worker piece by piece.

Each piece is one reaction: its rows, the run's progress and the event of the next piece are one transaction, so that
a crash loses nothing and repeats nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ...database import db, utcnow
from ...days import zone
from ...errors import Conflict, Invalid
from ...events import announce
from ...storage import fetch, keep
from .events import ImportPieceDue
from .fields import FIELDS, REQUIRED, BadValue, map_columns, parse_time
from .models import ImportRun, ImportUpload
from .reading import KINDS, Row, UnreadableFile, columns_of, rows_of
from .rows import Options
from .running import Outcome, begin_run, import_chunk

PIECE = 500
SHOWN = 5


@contextmanager
def _stored(upload: ImportUpload) -> Iterator[Path]:
    """The kept file; UnreadableFile when the store has lost it."""
    content = fetch(upload.file_key)
    if content is None:
        raise UnreadableFile("the store does not have the file any more")
    with _as_file(content, upload.file_name) as path:
        yield path


@contextmanager
def _as_file(content: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="socialcrm-import-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def prepare_upload(content: bytes, name: str) -> tuple[bytes, str, int]:
    """(content to keep, its name, rows) of a file; before the transaction. Invalid `file_unreadable`, `file_empty`."""
    name = Path(name.replace("\\", "/")).name[-120:] or "file"
    if Path(name).suffix.lower() not in KINDS:
        raise Invalid("file_unreadable", field="file")
    try:
        with _as_file(content, name) as path:
            rows = list(rows_of(path))
    except Exception as error:
        # openpyxl, csv and the decoders each raise their own for a broken file; to the person it is one thing.
        raise Invalid("file_unreadable", field="file") from error
    if not rows:
        raise Invalid("file_empty", field="file")
    if path.suffix.lower() == ".xlsx":
        return _lines(rows), f"{name}.jsonl", len(rows)
    return content, name, len(rows)


def _lines(rows: Sequence[Row]) -> bytes:
    """A workbook as JSONL in which each row stands on the line it had in the sheet."""
    by_line = {row.line: json.dumps(row.values, ensure_ascii=False) for row in rows}
    return "\n".join(by_line.get(line, "") for line in range(1, rows[-1].line + 1)).encode()


def add_upload(kind: str, content: bytes, name: str, rows: int, *, made_by_id: int) -> ImportUpload:
    """Keep a prepared file as a draft; Invalid `unknown_kind`."""
    if kind not in FIELDS:
        raise Invalid("unknown_kind", field="kind")
    upload = ImportUpload(
        kind=kind,
        file_name=name,
        file_key=keep(content, "application/octet-stream"),
        rows=rows,
        columns={},
        options={},
        made_by_id=made_by_id,
        at=utcnow(),
    )
    db.session.add(upload)
    db.session.flush()
    return upload


@dataclass(frozen=True)
class Preview:
    """The columns of a kept file, its first rows, and field → column by their names."""

    names: list[str]
    rows: list[Row]
    suggested: dict[str, str]


def preview(upload: ImportUpload) -> Preview:
    """What one sees before the columns are chosen."""
    with _stored(upload) as path:
        names = columns_of(path)
        return Preview(names, list(islice(rows_of(path), SHOWN)), map_columns(upload.kind, names, {}))


def start_import(upload: ImportUpload, columns: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Begin with the chosen columns.

    Invalid `column_missing`, `time_invalid`; Conflict `import_started`, `same_import_runs` (another upload of the file).
    """
    if upload.state != "draft":
        raise Conflict("import_started")
    for field in REQUIRED[upload.kind]:
        if not columns.get(field):
            raise Invalid("column_missing", field=field)
    upload.columns, upload.options = dict(columns), dict(options)
    try:
        chosen = _options(upload)
    except BadValue:
        raise Invalid("time_invalid", field="at") from None
    with _stored(upload) as path:
        run = begin_run(upload.kind, path, chosen, columns)
    if db.session.scalar(
        select(ImportUpload.id).where(ImportUpload.run_id == run.id, ImportUpload.state == "running").limit(1)
    ):
        raise Conflict("same_import_runs")
    upload.state, upload.run_id = "running", run.id
    announce(ImportPieceDue(upload.id, run.line))


def _options(upload: ImportUpload) -> Options:
    place, given = zone(), upload.options
    at: datetime | None = parse_time(given["at"], place) if given.get("at") else None
    return Options(
        source=given.get("source") or upload.file_name,
        zone=place,
        group_id=given.get("group_id"),
        topic_title=given.get("topic_title") or None,
        author=given.get("author") or None,
        at=at,
        currency=given.get("currency") or None,
    )


@dataclass(frozen=True)
class Piece:
    """The rows of one piece, or why the file cannot be read on."""

    rows: list[Row]
    error: str = ""


def read_pieces(events: Sequence[ImportPieceDue]) -> list[Piece]:
    """The rows each event is about; before the transaction."""
    return [_read(event) for event in events]


def _read(event: ImportPieceDue) -> Piece:
    upload = db.session.get_one(ImportUpload, event.upload_id)
    try:
        with _stored(upload) as path:
            return Piece(list(islice((row for row in rows_of(path) if row.line > event.after_line), PIECE)))
    except UnreadableFile as error:
        return Piece([], str(error)[:300])


def import_piece(event: ImportPieceDue, piece: Piece) -> None:
    """Import the rows and ask for the next piece, or end."""
    upload = db.session.get_one(ImportUpload, event.upload_id)
    assert upload.run_id is not None
    run = db.session.get_one(ImportRun, upload.run_id)
    if piece.error:
        upload.state, upload.error = "failed", piece.error
    elif piece.rows:
        import_chunk(upload.kind, piece.rows, upload.columns, _options(upload), Outcome(run.id))
        announce(ImportPieceDue(upload.id, run.line))
    else:
        upload.state, run.finished_at = "done", utcnow()
