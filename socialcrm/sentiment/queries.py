"""What screens and reactions read of opinions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, case, func, select

from ..database import db
from .models import Correction, OpinionRow


def opinion_of(subject: str, subject_id: int) -> OpinionRow | None:
    """The opinion on one text."""
    return db.session.scalar(
        select(OpinionRow).where(OpinionRow.subject == subject, OpinionRow.subject_id == subject_id)
    )


def opinions_of(subject: str, ids: Iterable[int]) -> dict[int, OpinionRow]:
    """Subject id → opinion, in one query."""
    query = select(OpinionRow).where(OpinionRow.subject == subject, OpinionRow.subject_id.in_(list(ids)))
    return {row.subject_id: row for row in db.session.scalars(query)}


def opinions_by_id(ids: Iterable[int]) -> dict[int, OpinionRow]:
    """Id → opinion, those that are there, in one query."""
    query = select(OpinionRow).where(OpinionRow.id.in_(list(ids)))
    return {row.id: row for row in db.session.scalars(query)}


def opinion_by_id(opinion_id: int) -> OpinionRow | None:
    """The opinion by its id; None when its text was taken away."""
    return db.session.get(OpinionRow, opinion_id)


def mood_score(row: OpinionRow) -> float:
    """−1 … 1 for the mood: 2·P(positive) − 1, and 0 for texts that are neutral or unsure."""
    return 2 * row.probability - 1 if row.polarity in ("negative", "positive") else 0.0


def corrections_of(opinion_id: int) -> list[Correction]:
    """What staff said about an opinion and did not take back, oldest first."""
    query = select(Correction).where(Correction.opinion_id == opinion_id, Correction.withdrawn_at.is_(None))
    return list(db.session.scalars(query.order_by(Correction.id)))


def place_mood(
    place: str, place_id: int, since: datetime, until: datetime
) -> Row[int, int, int, float | None]:
    """Of the texts said in a group or conversation in [since, until): how many, negative, positive, and mean P(positive)."""
    return db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((OpinionRow.polarity == "negative", 1), else_=0)), 0),
            func.coalesce(func.sum(case((OpinionRow.polarity == "positive", 1), else_=0)), 0),
            func.avg(OpinionRow.probability),
        ).where(
            OpinionRow.place == place,
            OpinionRow.place_id == place_id,
            OpinionRow.at >= since,
            OpinionRow.at < until,
        )
    ).one()
