"""Who searches, and which found documents may be shown: the same doors as the pages they lead to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute

from ...accounts.models import Account
from ...community.access import groups_visible_to, topics_visible_to
from ...community.groups.models import Group, Membership
from ...community.topics.models import Post, Topic
from ...customers.models import Customer
from ...database import db
from ...search.documents import Document, Viewer
from ...search.queries import Door
from ...service.cases.access import cases_visible_to
from ...service.cases.models import Case


def viewer_for(account: Account | None) -> Viewer:
    """What a person may find: open groups and their own; staff every group, service staff customers and cases."""
    if account is not None and account.staff:
        return Viewer(staff=account.serves, every_group=True)
    readable = Group.access == "public"
    if account is not None:
        own = select(Membership.group_id).where(
            Membership.customer_id == account.customer_id, Membership.state == "active"
        )
        readable = or_(readable, Group.id.in_(own))
    return Viewer(frozenset(db.session.scalars(select(Group.id).where(readable))))


def door_for(account: Account | None) -> Door:
    """A door that asks the areas again, one query a kind: the index may be a second behind."""

    def may_open(documents: Sequence[Document]) -> set[str]:
        ids: dict[str, list[int]] = {}
        for document in documents:
            ids.setdefault(document.kind, []).append(document.id)
        return {
            f"{kind}:{number}" for kind, numbers in ids.items() for number in _open(kind, numbers, account)
        }

    return may_open


def _open(kind: str, ids: list[int], account: Account | None) -> Sequence[int]:
    if kind == "topic":
        return _ids(Topic.id, Topic.id.in_(ids), Topic.id.in_(topics_visible_to(account)))
    if kind == "reply":
        readable = Post.topic_id.in_(topics_visible_to(account))
        return _ids(Post.id, Post.id.in_(ids), Post.state == "published", readable)
    if kind == "group":
        return _ids(Group.id, Group.id.in_(ids), Group.id.in_(groups_visible_to(account)))
    if account is None or not account.serves:
        return []
    if kind == "customer":
        return _ids(Customer.id, Customer.id.in_(ids), Customer.merged_into_id.is_(None))
    visible = cases_visible_to(account).with_only_columns(Case.id)
    return _ids(Case.id, Case.id.in_(ids), Case.id.in_(visible))


def _ids(column: InstrumentedAttribute[int], *conditions: object) -> Sequence[int]:
    return db.session.scalars(select(column).where(*conditions)).all()  # type: ignore[arg-type]
