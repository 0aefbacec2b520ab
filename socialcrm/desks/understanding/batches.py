"""Many texts at once: read from what was pasted or uploaded, written as TSV or JSONL. Pure; nothing is kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from ...errors import Invalid
from ...sentiment.engine import Opinion

#: Texts of one batch, and characters of one text.
MOST_TEXTS = 5000
LONGEST = 20_000
COLUMNS = (
    "text",
    "polarity",
    "probability",
    "emotion",
    "urgency",
    "complaint",
    "aspects",
    "words",
    "model_version",
)


def texts_of(content: str) -> list[str]:
    """The texts of a file or a paste: a JSON object with `text` a line, a TSV with a column `text`, or a text a line.

    Raises Invalid `no_texts`, `too_many_texts` (most), `text_too_long` (line, most), `line_unreadable` (line).
    """
    lines = [line for line in content.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise Invalid("no_texts", field="texts")
    if len(lines) > MOST_TEXTS + 1:
        raise Invalid("too_many_texts", field="texts", most=MOST_TEXTS)
    head = lines[0].split("\t")
    if lines[0].lstrip().startswith("{"):
        texts = [_from_json(number, line) for number, line in enumerate(lines, 1)]
    elif "text" in head and (len(head) > 1 or len(lines) > 1):
        texts = _column(lines, head.index("text"))
    else:
        texts = [line.strip() for line in lines]
    if len(texts) > MOST_TEXTS:
        raise Invalid("too_many_texts", field="texts", most=MOST_TEXTS)
    for number, text in enumerate(texts, 1):
        if len(text) > LONGEST:
            raise Invalid("text_too_long", field="texts", line=number, most=LONGEST)
    return texts


def _from_json(number: int, line: str) -> str:
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid("line_unreadable", field="texts", line=number) from None
    if not isinstance(text, str):
        raise Invalid("line_unreadable", field="texts", line=number)
    return text.encode("utf-8", "replace").decode()


def _column(lines: Sequence[str], column: int) -> list[str]:
    rows = csv.reader(lines[1:], delimiter="\t")
    try:
        return [row[column].strip() for row in rows if len(row) > column]
    except csv.Error:
        raise Invalid("line_unreadable", field="texts", line=rows.line_num + 1) from None


def decoded(content: bytes) -> str:
    """An uploaded file as text: UTF-8, else GB 18030. Raises Invalid `not_text`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("not_text", field="file")


def as_jsonl(texts: Sequence[str], opinions: Sequence[Opinion]) -> str:
    """A JSON object a line: the text and the answer as the API gives it."""
    return "".join(
        json.dumps({"text": text, **opinion.to_json()}, ensure_ascii=False) + "\n"
        for text, opinion in zip(texts, opinions, strict=True)
    )


def tsv_head() -> str:
    """The first line of a TSV; its mark lets spreadsheets read it as UTF-8."""
    return "\ufeff" + "\t".join(COLUMNS) + "\n"


def as_tsv(texts: Sequence[str], opinions: Sequence[Opinion]) -> str:
    """A row a text with COLUMNS; aspects as 「配送:negative」, words as 「失望:-2.6」."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for text, opinion in zip(texts, opinions, strict=True):
        writer.writerow(
            [
                _one_line(text),
                opinion.polarity,
                f"{opinion.probability:.4f}",
                opinion.emotion,
                opinion.urgency,
                f"{opinion.complaint:.4f}",
                " ".join(f"{name}:{said.polarity}" for name, said in opinion.aspects.items()),
                " ".join(f"{_one_line(text[a:b])}:{weight:+.2f}" for a, b, weight in opinion.words),
                opinion.model_version,
            ]
        )
    return out.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())
