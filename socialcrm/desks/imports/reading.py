"""Rows of a CSV, TSV, XLSX or JSONL file with their line numbers, one at a time. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = {".csv": "csv", ".tsv": "tsv", ".txt": "tsv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl"}
ENCODINGS = ("utf-8-sig", "gb18030")


class UnreadableFile(ValueError):
    """The file is not one of the kinds, has no header, or is in no known encoding."""


@dataclass(frozen=True)
class Row:
    """`line` is the line in the file (the header is 1); `values` maps column → text, stripped."""

    line: int
    values: dict[str, str]


def rows_of(path: Path) -> Iterator[Row]:
    """The file's rows after its header. Raises UnreadableFile."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise UnreadableFile(f"{path.suffix or 'no suffix'}: use .csv, .tsv, .xlsx or .jsonl")
    if kind == "xlsx":
        return _xlsx(path)
    if kind == "jsonl":
        return _jsonl(path)
    return _delimited(path, kind)


def columns_of(path: Path) -> list[str]:
    """The file's columns; objects of a JSONL may name some of them in later lines only. Raises UnreadableFile."""
    rows = rows_of(path)
    if KINDS[path.suffix.lower()] != "jsonl":
        return list(row.values) if (row := next(rows, None)) else []
    return list(dict.fromkeys(name for row in rows for name in row.values))


def count_rows(path: Path) -> int:
    """How many rows there are, for the progress bar."""
    return sum(1 for _ in rows_of(path))


def encoding_of(path: Path) -> str:
    """utf-8 (with or without a mark) or gb18030, whichever decodes the whole file."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding) as file:
                for _ in file:
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile("the file is neither UTF-8 nor GB18030")


def _delimited(path: Path, kind: str) -> Iterator[Row]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        if kind == "tsv":
            reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            reader = csv.reader(file)
        csv.field_size_limit(4_000_000)
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            raise UnreadableFile("the file has no header line")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                # A short or long line is read as far as the header goes: missing cells are empty, extra ones are left out.
                padded = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
                yield Row(
                    reader.line_num, {name: _clean(cell) for name, cell in zip(header, padded, strict=True)}
                )


def _xlsx(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    lines = sheet.iter_rows(values_only=True)
    header = [str(name or "").strip() for name in next(lines, ())]
    if not any(header):
        raise UnreadableFile("the first sheet has no header line")
    for number, cells in enumerate(lines, start=2):
        values = {name: _text(cell) for name, cell in zip(header, cells, strict=False) if name}
        if any(values.values()):
            yield Row(number, values)


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding=encoding_of(path)) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                thing = json.loads(line)
            except json.JSONDecodeError as error:
                raise UnreadableFile(f"line {number} is not JSON: {error.msg}") from error
            if not isinstance(thing, dict):
                raise UnreadableFile(f"line {number} is not a JSON object")
            yield Row(number, {str(key): _text(value) for key, value in thing.items()})


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _clean(str(cell))


def _clean(text: str) -> str:
    """Without what no database keeps: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="replace").decode().strip()
