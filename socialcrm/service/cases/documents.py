"""What search finds of cases: staff only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from ...database import db
from ...search.actions import Source
from ...search.documents import STAFF, Document
from .models import Case, CaseEntry


def case_ids_after(last: int, limit: int) -> Sequence[int]:
    """The next case ids in ascending order."""
    return db.session.scalars(select(Case.id).where(Case.id > last).order_by(Case.id).limit(limit)).all()


def case_documents(ids: Sequence[int]) -> Iterator[Document]:
    """Those of `ids` that were not merged into another, with what was said in them."""
    said = _said_in(ids)
    for case in db.session.scalars(select(Case).where(Case.id.in_(ids), Case.merged_into_id.is_(None))):
        texts = [
            f"#{case.id}",
            case.customer.display_name,
            case.root_cause,
            case.solution,
            *said.get(case.id, ()),
        ]
        yield Document(
            kind="case",
            id=case.id,
            title=case.title,
            body="\n".join(text for text in texts if text),
            url=f"/service/cases/{case.id}",
            audience=STAFF,
            at=case.opened_at,
            customer_id=case.customer_id,
        )


def _said_in(ids: Sequence[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(CaseEntry.case_id, CaseEntry.text)
        .where(CaseEntry.case_id.in_(ids), CaseEntry.text != "")
        .order_by(CaseEntry.id)
    )
    said: dict[int, list[str]] = {}
    for row in rows:
        said.setdefault(row.case_id, []).append(row.text)
    return said


CASES = Source("case", case_ids_after, case_documents)
