"""What the import screen reads of runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select

from ...database import db
from .models import ImportRefusal, ImportRun, ImportUpload

PAGE = 30
REFUSALS_SHOWN = 20


def runs_page(before_id: int | None) -> list[Row[*tuple[Any, ...]]]:
    """(run, id of its latest upload or None), newest first, those of the command line too."""
    latest = select(func.max(ImportUpload.id)).where(ImportUpload.run_id == ImportRun.id).scalar_subquery()
    query = select(ImportRun, latest).order_by(ImportRun.id.desc()).limit(PAGE)
    if before_id is not None:
        query = query.where(ImportRun.id < before_id)
    return list(db.session.execute(query))


def refusals_of(run: ImportRun | None) -> list[ImportRefusal]:
    """The first refused lines of a run."""
    if run is None:
        return []
    query = select(ImportRefusal).where(ImportRefusal.run_id == run.id).order_by(ImportRefusal.line)
    return list(db.session.scalars(query.limit(REFUSALS_SHOWN)))
