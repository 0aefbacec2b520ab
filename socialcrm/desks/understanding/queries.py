"""What the screens of this room read beside the engine's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ...sentiment.agreement import COMPLAINT_FROM, Row, Said, by_aspect, by_polarity, of_complaints
from ...sentiment.models import Correction, OpinionAspect, OpinionRow


@dataclass(frozen=True)
class Told:
    """A correction in force, with who made it."""

    correction: Correction
    name: str


def corrections_told(opinion_id: int) -> list[Told]:
    """What staff said of an opinion and did not take back, newest first, in one query."""
    rows = db.session.execute(
        select(Correction, Customer.display_name)
        .join(Account, Account.id == Correction.account_id)
        .join(Customer, Customer.id == Account.customer_id)
        .where(Correction.opinion_id == opinion_id, Correction.withdrawn_at.is_(None))
        .order_by(Correction.id.desc())
        .limit(50)
    )
    return [Told(row[0], row[1]) for row in rows]


def corrections_by_ids(ids: list[int]) -> list[Correction]:
    """The corrections that exist, in the order of their ids."""
    return list(db.session.scalars(select(Correction).where(Correction.id.in_(ids)).order_by(Correction.id)))


@dataclass(frozen=True)
class Agreement:
    """How staff and engine agreed on the texts said since a moment."""

    texts: int
    polarity: list[Row]
    aspects: list[Row]
    complaints: Row


#: More corrections than this of a time are not looked at; the newest count.
MOST_CORRECTIONS = 20_000


def agreement_since(since: datetime) -> Agreement:
    """Four queries, whatever the number of texts."""
    polarity = _counted(
        select(OpinionRow.polarity, func.count()).where(OpinionRow.at >= since).group_by(OpinionRow.polarity)
    )
    aspects = _counted(
        select(OpinionAspect.aspect, func.count())
        .where(OpinionAspect.at >= since)
        .group_by(OpinionAspect.aspect)
    )
    complaints = select(func.count()).where(OpinionRow.at >= since, OpinionRow.complaint >= COMPLAINT_FROM)
    said = _said_since(since)
    return Agreement(
        sum(polarity.values()),
        by_polarity(polarity, said),
        by_aspect(aspects, said),
        of_complaints(db.session.scalar(complaints) or 0, said),
    )


def _counted(query: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in db.session.execute(query)}


def _said_since(since: datetime) -> list[Said]:
    """The newest correction in force of each question on each opinion of the time."""
    found = and_(OpinionAspect.opinion_id == Correction.opinion_id, OpinionAspect.aspect == Correction.aspect)
    rows = db.session.execute(
        select(
            Correction.opinion_id,
            Correction.what,
            Correction.aspect,
            Correction.value,
            OpinionRow.polarity,
            OpinionRow.complaint,
            OpinionAspect.polarity,
        )
        .join(OpinionRow, OpinionRow.id == Correction.opinion_id)
        .outerjoin(OpinionAspect, found)
        .where(OpinionRow.at >= since, Correction.withdrawn_at.is_(None))
        .order_by(Correction.id.desc())
        .limit(MOST_CORRECTIONS)
    )
    newest: dict[tuple[int, str, str | None], Said] = {}
    for opinion_id, what, aspect, value, polarity, complaint, aspect_polarity in rows:
        engine = {"polarity": polarity, "complaint": "yes" if complaint >= COMPLAINT_FROM else "no"}
        said = Said(what, aspect, value, engine.get(what, aspect_polarity))
        newest.setdefault((opinion_id, what, aspect), said)
    return list(newest.values())
