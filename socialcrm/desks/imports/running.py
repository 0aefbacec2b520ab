"""Run an import: chunks of rows, one transaction each, every refused line reported, resumable at any line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.exc import DataError

from ...database import db, transaction, utcnow
from ...errors import SocialError
from ...events import bulk_work
from .fields import REQUIRED, BadValue, check_lengths, map_columns
from .models import ImportRefusal, ImportRun
from .reading import Row, columns_of, rows_of
from .rows import MAKERS, Options, key_of
from .together import TOGETHER

CHUNK = 200
#: A value that the database cannot keep; its row alone is refused.
UNFIT = (DataError, OverflowError)


@dataclass(frozen=True)
class Refused:
    """A line that was refused: which field, which code, what stood there."""

    line: int
    field: str
    code: str
    value: str


@dataclass
class Outcome:
    """What a run did: rows made, rows that were there already, and refused lines."""

    run_id: int
    made: int = 0
    present: int = 0
    refused: int = 0
    resumed_after: int = 0


Progress = Callable[[int, list[Refused]], None]


def run_import(
    kind: str, path: Path, options: Options, given: Mapping[str, str], progress: Progress
) -> Outcome:
    """Import a file of `kind`; `progress(rows, refused)` is called after each committed chunk.

    A run that was cut off goes on after its last committed line; one that was finished is done again, and finds
    its rows present. Raises BadValue for columns that do not fit and UnreadableFile.
    """
    named = columns_of(path)
    columns = map_columns(kind, named, given)
    missing = [field for field in REQUIRED[kind] if field not in columns]
    if named and missing:
        raise BadValue(f"column_missing:{missing[0]}")
    with transaction():
        run = begin_run(kind, path, options, given)
        outcome = Outcome(run.id, resumed_after=run.line)
    for chunk in _chunks(path, outcome.resumed_after):
        refused = import_chunk(kind, chunk, columns, options, outcome)
        progress(len(chunk), refused)
    with transaction():
        db.session.get_one(ImportRun, outcome.run_id).finished_at = utcnow()
    return outcome


def begin_run(kind: str, path: Path, options: Options, given: Mapping[str, str]) -> ImportRun:
    """The run of this file with these options: a new one, the one that was cut off, or the finished one once more."""
    fingerprint = _fingerprint(path, options, given)
    run = db.session.scalar(
        select(ImportRun).where(ImportRun.kind == kind, ImportRun.fingerprint == fingerprint)
    )
    if run is None:
        run = ImportRun(
            kind=kind, fingerprint=fingerprint, file_name=path.name[:200], began_at=utcnow(), line=0
        )
        db.session.add(run)
    elif run.finished_at is not None:
        run.line, run.made, run.present, run.refused, run.finished_at = 0, 0, 0, 0, None
        db.session.execute(delete(ImportRefusal).where(ImportRefusal.run_id == run.id))
    db.session.flush()
    return run


def _fingerprint(path: Path, options: Options, given: Mapping[str, str]) -> str:
    digest = hashlib.sha256(repr((sorted(asdict(options).items(), key=str), sorted(given.items()))).encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _chunks(path: Path, after_line: int) -> Iterator[list[Row]]:
    rows = (row for row in rows_of(path) if row.line > after_line)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def import_chunk(
    kind: str, chunk: list[Row], columns: Mapping[str, str], options: Options, outcome: Outcome
) -> list[Refused]:
    """Import some rows in one transaction with the run's progress; gives the refused ones."""
    refused: list[Refused] = []
    given = [(row, {field: row.values.get(column, "") for field, column in columns.items()}) for row in chunk]
    with transaction(), bulk_work():
        run = db.session.get_one(ImportRun, outcome.run_id)
        together = _together(kind, given, options)
        made = sum(together.values())
        present = len(together) - made
        for row, values in given:
            if row.line in together:
                continue
            try:
                with db.session.begin_nested():
                    is_new = _make(kind, row, values, options)
                made, present = made + is_new, present + (not is_new)
            except (BadValue, SocialError, *UNFIT) as error:
                refused.append(_refusal(row, values, error))
        db.session.add_all(ImportRefusal(run_id=run.id, **asdict(each)) for each in refused)
        run.line = chunk[-1].line
        run.made, run.present, run.refused = (
            run.made + made,
            run.present + present,
            run.refused + len(refused),
        )
    outcome.made, outcome.present = outcome.made + made, outcome.present + present
    outcome.refused += len(refused)
    return refused


def _together(kind: str, given: Sequence[tuple[Row, Mapping[str, str]]], options: Options) -> dict[int, bool]:
    """Line → whether the row is new, of those taken in together; none of them when one does not go in."""
    if kind not in TOGETHER:
        return {}
    try:
        with db.session.begin_nested():
            return TOGETHER[kind](given, options)
    except (SocialError, *UNFIT):
        return {}


def _make(kind: str, row: Row, values: Mapping[str, str], options: Options) -> bool:
    for field in REQUIRED[kind]:
        if not values.get(field):
            raise BadValue(f"{field}_missing")
    check_lengths(values)
    return MAKERS[kind](values, key_of(row, options), options)


def _refusal(row: Row, values: Mapping[str, str], error: Exception) -> Refused:
    if isinstance(error, SocialError):
        code, field = error.code, error.field or ""
    elif isinstance(error, BadValue):
        code, field = str(error), error.field
    else:
        code, field = "value_unfit", ""
    field = "at" if field == "time" else field
    return Refused(row.line, field, code, values.get(field, "")[:200])
