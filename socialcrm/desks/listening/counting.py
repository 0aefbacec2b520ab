"""Counting texts again, in pieces: after a change of what belongs to which product, and from the beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...database import db, transaction
from ...sentiment.trends.actions import (
    begin_anew,
    go_on_hearing,
    is_overtaken,
    next_opinions,
    recount,
)
from ...sentiment.trends.events import HearingChanged
from ...sentiment.trends.hearing import Heard
from .texts import hear_texts

#: The last opinion id of a piece (None: nothing was left), and what its texts speak of.
Piece = tuple[int | None, list[Heard]]


def hear_piece(events: Sequence[HearingChanged]) -> list[Piece]:
    """The pieces that these events name; slow, before the transaction."""
    pieces: list[Piece] = []
    for event in events:
        texts = [] if is_overtaken(event) else next_opinions(event.after_id)
        pieces.append((texts[-1][0] if texts else None, hear_texts(texts)))
    return pieces


def recount_piece(event: HearingChanged, piece: Piece) -> None:
    """Count the texts of a piece and announce the next one, unless it was overtaken meanwhile. Inside transaction()."""
    last, heard = piece
    if last is None or is_overtaken(event):
        return
    recount(heard)
    go_on_hearing(event, last)


def rebuild() -> Iterator[int]:
    """Empty every count and count every text again; yields after each piece how many texts it held."""
    with transaction():
        begin_anew()
    after = 0
    while texts := next_opinions(after):
        heard = hear_texts(texts)
        db.session.rollback()
        with transaction():
            recount(heard)
        after = texts[-1][0]
        yield len(texts)
