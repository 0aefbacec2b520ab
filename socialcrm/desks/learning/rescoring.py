"""Read old texts again, piece by piece, in the worker's last lane; then derive the moods and tags of their writers again.

Each piece is one reaction: its opinions, the run's progress and the event of the next piece are one transaction, so that
a crash loses nothing and repeats nothing. TextScored is not announced again: no alert is raised for an old text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...community.health.actions import days_of_posts, refresh_days
from ...customers.actions import change_timeline_facts
from ...customers.retagging import Read, read_again
from ...database import utcnow
from ...events import announce
from ...sentiment.actions import Scored, record_opinions, score
from ...sentiment.learning.events import RescoringPieceDue
from ...sentiment.learning.models import Rescoring
from ...sentiment.learning.queries import (
    opinions_of_writers,
    outdated_after,
    rescoring_by_id,
    version_in_force,
    writers_after,
)
from ...sentiment.models import OpinionRow
from ...sentiment.queries import mood_score, opinions_of
from ..texts import texts_of

#: Texts and people per piece: what a new post may have to wait for.
TEXTS, PEOPLE = 100, 25
_KINDS = {"post": "posted", "message": "chatted"}


@dataclass(frozen=True)
class Piece:
    """Texts read again, and the last opinion looked at (None: there was none left)."""

    scored: Scored
    looked_at: int
    last_id: int | None


def read_pieces(events: Sequence[RescoringPieceDue]) -> list[Piece]:
    """Read the texts each event is about; slow, before the transaction."""
    return [_read(event) for event in events]


def _read(event: RescoringPieceDue) -> Piece:
    run = rescoring_by_id(event.rescoring_id)
    if run is None or run.state != "texts":
        return Piece([], 0, None)
    rows = outdated_after(event.after_id, run.last_id, version_in_force(), TEXTS)
    texts = texts_of((row.subject, row.subject_id) for row in rows)
    wanted = [texts[key] for row in rows if (key := (row.subject, row.subject_id)) in texts]
    return Piece(score(wanted), len(rows), rows[-1].id if rows else None)


def carry_out(event: RescoringPieceDue, piece: Piece) -> None:
    """Store one piece and ask for the next; a run that was cancelled ends here. Inside transaction()."""
    run = rescoring_by_id(event.rescoring_id)
    if run is None or run.after_id != event.after_id:
        return
    if run.state == "texts":
        _carry_out_texts(run, piece)
    elif run.state == "people":
        _carry_out_people(run)
    if run.state in ("texts", "people"):
        announce(RescoringPieceDue(run.id, run.after_id))


def _carry_out_texts(run: Rescoring, piece: Piece) -> None:
    if piece.last_id is None:
        run.state, run.after_id = "people", 0
        return
    before = _stored(piece.scored)
    # What was taken away while the piece was read must not come back; what was edited has been read since.
    there = [
        (text, opinion)
        for text, opinion in piece.scored
        if (row := before.get((text.subject, text.subject_id))) and row.model_version != opinion.model_version
    ]
    polarity = {key: row.polarity for key, row in before.items()}
    record_opinions(there)
    changed = [
        (text, opinion)
        for text, opinion in there
        if polarity[text.subject, text.subject_id] != opinion.polarity
    ]
    for text, opinion in changed:
        if text.customer_id is not None:
            change_timeline_facts(
                text.customer_id,
                _KINDS[text.subject],
                text.subject,
                text.subject_id,
                polarity=opinion.polarity,
            )
    refresh_days(days_of_posts([text.subject_id for text, _ in there if text.subject == "post"]))
    run.read, run.changed, run.after_id = (
        run.read + piece.looked_at,
        run.changed + len(changed),
        piece.last_id,
    )


def _stored(scored: Scored) -> dict[tuple[str, int], OpinionRow]:
    found: dict[tuple[str, int], OpinionRow] = {}
    for subject in {text.subject for text, _ in scored}:
        rows = opinions_of(subject, [text.subject_id for text, _ in scored if text.subject == subject])
        found |= {(subject, number): row for number, row in rows.items()}
    return found


def _carry_out_people(run: Rescoring) -> None:
    writers = writers_after(run.after_id, PEOPLE)
    if not writers:
        run.state, run.finished_at = "done", utcnow()
        return
    for customer_id, rows in opinions_of_writers(writers).items():
        read_again(
            customer_id,
            [Read(row.at, mood_score(row), row.answer, row.subject, row.subject_id) for row in rows],
        )
    run.people, run.after_id = run.people + len(writers), writers[-1]
