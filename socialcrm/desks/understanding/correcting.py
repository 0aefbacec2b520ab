"""From what staff chose in the form to single corrections of one opinion. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import Invalid
from ...sentiment.explanation import Span


@dataclass(frozen=True)
class AspectChoice:
    """A row of the form: `value` "" changes nothing; `quote` and `start` as typed or marked."""

    name: str
    value: str
    quote: str = ""
    start: int | None = None


@dataclass(frozen=True)
class Change:
    """One correction, as `sentiment.actions.correct_opinion` takes it."""

    what: str
    value: str
    aspect: str | None = None
    span: Span | None = None


def changes_of(
    text: str,
    polarity: str,
    complaint: str,
    rows: Sequence[AspectChoice],
    quote: str = "",
    start: int | None = None,
) -> list[Change]:
    """What is to be corrected in `text`, polarity first; `quote` and `start` are the words that show it.

    Raises Invalid `nothing_corrected`, `aspect_missing` and `quote_not_found` (both with `row`, counted from 0, where
    they are about an aspect).
    """
    span = span_of(text, quote, start) if polarity else None
    if polarity and quote.strip() and span is None:
        raise Invalid("quote_not_found", field="quote")
    changes = [Change("polarity", polarity, span=span)] if polarity else []
    changes += [Change("complaint", complaint)] if complaint else []
    changes += _of_aspects(text, rows)
    if not changes:
        raise Invalid("nothing_corrected", field="polarity")
    return changes


def _of_aspects(text: str, rows: Sequence[AspectChoice]) -> Iterator[Change]:
    for number, row in enumerate(rows):
        if not row.value:
            continue
        if not row.name.strip():
            raise Invalid("aspect_missing", field="name", row=number)
        span = span_of(text, row.quote, row.start)
        if row.quote.strip() and span is None:
            raise Invalid("quote_not_found", field="quote", row=number)
        yield Change("aspect", row.value, row.name.strip(), span)


def span_of(text: str, quote: str, start: int | None) -> Span | None:
    """Where `quote` stands in `text`: at `start` if it stands there, else its first place, None where it does not."""
    quote = quote.strip()
    if not quote:
        return None
    if start is None or text[start : start + len(quote)] != quote:
        start = text.find(quote)
    return None if start < 0 else (start, start + len(quote))
