"""Score texts and keep the opinions. `score` is slow-ish and writes nothing: call it before the transaction opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from ..accounts.audit import audit
from ..accounts.models import Account
from ..database import db, utcnow
from ..errors import Invalid
from ..events import announce
from .engine import AspectOpinion, Channel, Opinion, analyse_batch
from .events import OpinionCorrected, OpinionForgotten, TextRescored, TextScored
from .learning.queries import brand_in_force
from .models import Correction, OpinionAspect, OpinionRow

CORRECTABLE = {
    "polarity": ("negative", "neutral", "positive"),
    "aspect": ("negative", "neutral", "positive", "absent"),
    "complaint": ("yes", "no"),
}


@dataclass(frozen=True)
class Text:
    """A text to score and where it was said; areas make it, the sentiment area imports none of them."""

    subject: str
    subject_id: int
    text: str
    customer_id: int | None
    place: str
    place_id: int
    channel: Channel
    at: datetime


Scored = Sequence[tuple[Text, Opinion]]


def score(texts: Sequence[Text]) -> list[tuple[Text, Opinion]]:
    """The engine's answer for each text, batched by channel, as the brand in force taught it; nothing is written."""
    brand = brand_in_force()
    scored: list[tuple[Text, Opinion]] = []
    for channel in dict.fromkeys(text.channel for text in texts):
        group = [text for text in texts if text.channel == channel]
        scored.extend(
            zip(
                group, analyse_batch([text.text for text in group], channel=channel, brand=brand), strict=True
            )
        )
    return scored


def record_opinions(scored: Scored) -> None:
    """Keep one opinion per text; announce TextScored for those that had none, TextRescored for the others."""
    rows = _present(scored)
    known = set(rows)
    for text, opinion in scored:
        key = text.subject, text.subject_id
        if key not in rows:
            rows[key] = OpinionRow(subject=text.subject, subject_id=text.subject_id)
            db.session.add(rows[key])
        _fill(rows[key], text, opinion)
    db.session.flush()
    read_again = [rows[key].id for key in known]
    db.session.execute(delete(OpinionAspect).where(OpinionAspect.opinion_id.in_(read_again)))
    _add_aspects(
        {
            (rows[text.subject, text.subject_id].id, aspect): (found, text.at)
            for text, opinion in scored
            for aspect, found in opinion.aspects.items()
        }
    )
    for text, _ in scored:
        row = rows[text.subject, text.subject_id]
        if (text.subject, text.subject_id) in known:
            announce(TextRescored(row.id, text.subject, text.subject_id))
        else:
            announce(TextScored(row.id, text.subject, text.subject_id, text.customer_id))


def _present(scored: Scored) -> dict[tuple[str, int], OpinionRow]:
    rows: dict[tuple[str, int], OpinionRow] = {}
    for subject in {text.subject for text, _ in scored}:
        ids = [text.subject_id for text, _ in scored if text.subject == subject]
        query = select(OpinionRow).where(OpinionRow.subject == subject, OpinionRow.subject_id.in_(ids))
        rows |= {(row.subject, row.subject_id): row for row in db.session.scalars(query)}
    return rows


def _fill(row: OpinionRow, text: Text, opinion: Opinion) -> None:
    row.customer_id, row.place, row.place_id = text.customer_id, text.place, text.place_id
    row.channel, row.at, row.scored_at = text.channel, text.at, utcnow()
    row.polarity, row.probability, row.complaint = opinion.polarity, opinion.probability, opinion.complaint
    row.urgency, row.emotion, row.model_version = opinion.urgency, opinion.emotion, opinion.model_version
    row.answer = opinion.to_json()


def _add_aspects(aspects: Mapping[tuple[int, str], tuple[AspectOpinion, datetime]]) -> None:
    """(opinion id, aspect) → what was found, and when it was said."""
    rows = [
        {
            "opinion_id": opinion_id,
            "aspect": aspect,
            "polarity": found.polarity,
            "probability": found.probability,
            "at": at,
        }
        for (opinion_id, aspect), (found, at) in aspects.items()
    ]
    if rows:
        db.session.execute(insert(OpinionAspect), rows)


def forget_opinion(subject: str, subject_id: int) -> None:
    """Remove the opinion of a text that was taken away."""
    row = db.session.scalar(
        select(OpinionRow).where(OpinionRow.subject == subject, OpinionRow.subject_id == subject_id)
    )
    if row is not None:
        db.session.execute(delete(OpinionAspect).where(OpinionAspect.opinion_id == row.id))
        db.session.execute(delete(Correction).where(Correction.opinion_id == row.id))
        announce(OpinionForgotten(row.id, subject, subject_id))
        db.session.delete(row)


def forget_marks(subject: str, subject_ids: Sequence[int]) -> None:
    """Drop where staff marked texts that were edited since: the places are those of the words as they were."""
    about = select(OpinionRow.id).where(OpinionRow.subject == subject, OpinionRow.subject_id.in_(subject_ids))
    db.session.execute(
        update(Correction)
        .where(Correction.opinion_id.in_(about), Correction.span_start.is_not(None))
        .values(span_start=None, span_end=None)
        .execution_options(synchronize_session=False)
    )


def correct_opinion(
    opinion: OpinionRow,
    acting: Account,
    *,
    what: str,
    value: str,
    aspect: str | None = None,
    reason: str = "",
    span: tuple[int, int] | None = None,
) -> Correction:
    """Store what staff say the answer should have been; the stored opinion itself stays as the engine gave it.

    `what` and `value` as in CORRECTABLE: polarity negative, neutral or positive; aspect (named by `aspect`, found or
    not) the same or absent; complaint yes or no. A value that agrees with the engine is worth as much: it confirms.
    `span` is where the text says so, [start, end) in the original. Raises Invalid `correction_invalid`,
    `aspect_missing`, `span_invalid`.
    """
    if value not in CORRECTABLE.get(what, ()):
        raise Invalid("correction_invalid", field="value")
    if what == "aspect" and not (aspect or "").strip():
        raise Invalid("aspect_missing", field="aspect")
    if span is not None and not 0 <= span[0] < span[1]:
        raise Invalid("span_invalid", field="span")
    correction = Correction(
        opinion_id=opinion.id,
        account_id=acting.id,
        what=what,
        aspect=(aspect or "").strip()[:20] if what == "aspect" else None,
        value=value,
        reason=reason.strip()[:500],
        span_start=span[0] if span else None,
        span_end=span[1] if span else None,
        at=utcnow(),
    )
    db.session.add(correction)
    db.session.flush()
    audit(acting, "correct_opinion", "opinion", opinion.id, what=what, aspect=aspect, value=value)
    announce(OpinionCorrected(opinion.id, correction.id))
    return correction


def withdraw_correction(correction: Correction, acting: Account) -> None:
    """Take a correction back; it stays in the list with who did, and is learned from no more. Twice changes nothing."""
    if correction.withdrawn_at is not None:
        return
    correction.withdrawn_at, correction.withdrawn_by_id = utcnow(), acting.id
    audit(acting, "withdraw_correction", "opinion", correction.opinion_id, correction_id=correction.id)
