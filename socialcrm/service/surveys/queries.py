"""What screens read of answers."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from ...database import db
from .models import CaseRating


def ratings_of(case_ids: Iterable[int]) -> dict[int, CaseRating]:
    """Case id → its newest answer, in one query."""
    newest = (
        select(func.max(CaseRating.id))
        .where(CaseRating.case_id.in_(list(case_ids)))
        .group_by(CaseRating.case_id)
    )
    return {
        row.case_id: row for row in db.session.scalars(select(CaseRating).where(CaseRating.id.in_(newest)))
    }
