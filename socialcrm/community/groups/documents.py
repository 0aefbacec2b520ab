"""What search finds of groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from ...database import db
from ...search.actions import Source
from ...search.documents import PUBLIC, Document, for_group
from .models import Group


def group_ids_after(last: int, limit: int) -> Sequence[int]:
    """The next group ids in ascending order."""
    return db.session.scalars(select(Group.id).where(Group.id > last).order_by(Group.id).limit(limit)).all()


def group_documents(ids: Sequence[int]) -> Iterator[Document]:
    """The groups of `ids`; one that is entered by invitation only is found by its members only."""
    for group in db.session.scalars(select(Group).where(Group.id.in_(ids))):
        yield Document(
            kind="group",
            id=group.id,
            title=group.name,
            body=group.description,
            url=f"/groups/{group.id}",
            audience=for_group(group.id) if group.access == "invitation" else PUBLIC,
            at=group.created_at,
            group_id=group.id,
        )


GROUPS = Source("group", group_ids_after, group_documents)
