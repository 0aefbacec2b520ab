"""What screens read of alerts."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ...database import db
from .models import PENDING, STATES, Alert

PAGE = 40


def alerts_visible_to_staff(
    states: tuple[str, ...] = PENDING, *, before: int | None = None, limit: int = PAGE
) -> list[Alert]:
    """A page of alerts in these states, newest first; `before` is the id of the last row seen."""
    query = select(Alert).options(joinedload(Alert.customer)).where(Alert.state.in_(states))
    if before is not None:
        query = query.where(Alert.id < before)
    return list(db.session.scalars(query.order_by(Alert.id.desc()).limit(limit)))


def unread_alerts() -> int:
    """How many alerts nobody has opened."""
    return db.session.scalar(select(func.count()).where(Alert.state == "new")) or 0


def alert_counts() -> dict[str, int]:
    """State → how many."""
    rows = db.session.execute(select(Alert.state, func.count().label("number")).group_by(Alert.state))
    return dict.fromkeys(STATES, 0) | {row.state: row.number for row in rows}


def alerts_of_case(case_id: int) -> list[Alert]:
    """The alerts a case answers for, oldest first."""
    return list(
        db.session.scalars(select(Alert).where(Alert.case_id == case_id).order_by(Alert.id).limit(20))
    )
