"""What the pages of groups read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, false, select

from ...accounts.models import Account
from ...customers.models import Customer
from ...database import db
from ...errors import Invalid
from ..access import GROUP_COLUMNS, MEMBER_COLUMNS, groups_visible_to
from ..topics.models import Topic
from ..topics.queries import older_than, read_key, write_key
from .models import Group, GroupRules, Membership

GROUPS_A_PAGE = 24
MEMBERS_A_PAGE = 40
FACES = 8


def group_cards(
    account: Account | None, *, kind: str | None = None, mine: bool = False, before: str | None = None
) -> tuple[list[Row[*tuple[Any, ...]]], str | None]:
    """Groups this person may see, the most alive first, and the key of the next page."""
    query = (
        select(*GROUP_COLUMNS, Group.last_post_at, *MEMBER_COLUMNS)
        .outerjoin(Membership, _own_membership(account))
        .where(Group.id.in_(groups_visible_to(account)))
    )
    if kind:
        query = query.where(Group.kind == kind)
    if mine:
        query = query.where(Membership.state == "active")
    key = read_key(before)
    if key is not None:
        query = query.where(older_than(Group.last_post_at, Group.id, key))
    rows = list(
        db.session.execute(
            query.order_by(Group.last_post_at.desc(), Group.id.desc()).limit(GROUPS_A_PAGE + 1)
        )
    )
    shown = rows[:GROUPS_A_PAGE]
    more = len(rows) > GROUPS_A_PAGE
    return shown, write_key(shown[-1].last_post_at, shown[-1].id) if more else None


def _own_membership(account: Account | None) -> Any:
    if account is None:
        return false()
    return and_(Membership.group_id == Group.id, Membership.customer_id == account.customer_id)


def new_topics_of(group_ids: list[int], since: datetime) -> dict[int, int]:
    """Group id → topics opened since a time, in one query."""
    rows = db.session.execute(
        select(Topic.group_id, db.func.count().label("number"))
        .where(Topic.group_id.in_(group_ids), Topic.state == "published", Topic.opened_at >= since)
        .group_by(Topic.group_id)
    )
    return {row.group_id: row.number for row in rows}


def rules_in_force(group_id: int, version: int) -> GroupRules | None:
    """The version of the rules that counts now."""
    return db.session.get(GroupRules, (group_id, version)) if version else None


def rules_history(group_id: int) -> list[GroupRules]:
    """Every published version, newest first."""
    return list(
        db.session.scalars(
            select(GroupRules)
            .where(GroupRules.group_id == group_id)
            .order_by(GroupRules.version.desc())
            .limit(100)
        )
    )


_people = (
    select(
        Customer.id,
        Customer.display_name,
        Customer.avatar,
        Customer.bio,
        Membership.role,
        Membership.joined_at,
    )
    .join(Membership, Membership.customer_id == Customer.id)
    .where(Membership.group_id == bindparam("group"), Membership.state == bindparam("state"))
)
_newest_people = _people.order_by(Membership.joined_at.desc(), Membership.customer_id.desc())
_keepers = (
    _people.where(Membership.role != "member")
    .order_by(case((Membership.role == "leader", 0), else_=1), Membership.joined_at, Customer.id)
    .limit(50)
)
_faces = _newest_people.limit(FACES)


def keepers(group_id: int) -> list[Row[*tuple[Any, ...]]]:
    """Leaders, then moderators."""
    return list(db.session.execute(_keepers, {"group": group_id, "state": "active"}))


def faces(group_id: int) -> list[Row[*tuple[Any, ...]]]:
    """Some members for the head of the group: who joined last."""
    return list(db.session.execute(_faces, {"group": group_id, "state": "active"}))


def leads(group_id: int, customer_id: int) -> bool:
    """Whether somebody is a 群主 of the group."""
    role = select(Membership.role).where(
        Membership.group_id == group_id, Membership.customer_id == customer_id, Membership.state == "active"
    )
    return db.session.scalar(role) == "leader"


def member_page(
    group_id: int, *, before: str | None = None, named: str = ""
) -> tuple[list[Row[*tuple[Any, ...]]], str | None]:
    """Members, who joined last first, and the key of the next page; `named` filters by name."""
    query = _newest_people
    if named:
        query = query.where(Customer.display_name.icontains(named, autoescape=True))
    key = read_key(before)
    if key is not None:
        query = query.where(older_than(Membership.joined_at, Membership.customer_id, key))
    rows = list(db.session.execute(query.limit(MEMBERS_A_PAGE + 1), {"group": group_id, "state": "active"}))
    shown = rows[:MEMBERS_A_PAGE]
    more = len(rows) > MEMBERS_A_PAGE
    return shown, write_key(shown[-1].joined_at, shown[-1].id) if more else None


def requests_to_join(group_id: int) -> list[Row[*tuple[Any, ...]]]:
    """Who asks to be let in, the longest waiting first."""
    query = _people.order_by(Membership.joined_at, Membership.customer_id).limit(MEMBERS_A_PAGE)
    return list(db.session.execute(query, {"group": group_id, "state": "requested"}))


def writable_groups(account: Account) -> list[Row[*tuple[Any, ...]]]:
    """The groups a person can open a topic in: those they are in; for staff every group."""
    query = select(Group.id, Group.name, Group.kind, Group.cover, Group.last_post_at)
    if not account.staff:
        query = query.join(Membership, Membership.group_id == Group.id).where(
            Membership.customer_id == account.customer_id, Membership.state == "active"
        )
    return list(db.session.execute(query.order_by(Group.last_post_at.desc(), Group.id.desc()).limit(200)))


def moderated_groups(account: Account) -> list[Row[*tuple[Any, ...]]]:
    """The groups this person moderates: all of them for managers."""
    query = select(Group.id, Group.name)
    if not account.manages:
        query = query.join(Membership, Membership.group_id == Group.id).where(
            Membership.customer_id == account.customer_id,
            Membership.state == "active",
            Membership.role.in_(("moderator", "leader")),
        )
    return list(db.session.execute(query.order_by(Group.name).limit(500)))


def active_topics_since(group_id: int, since: datetime) -> int:
    """How many topics of a group got something new after a time."""
    number = db.session.scalar(
        select(db.func.count())
        .select_from(Topic)
        .where(Topic.group_id == group_id, Topic.state == "published", Topic.last_post_at > since)
    )
    return number or 0


def invitation_code(group_id: int) -> str:
    """The random part of the group's invitation link."""
    return db.session.scalars(select(Group.invitation_code).where(Group.id == group_id)).one()


def customer_called(name: str) -> int:
    """The customer with an account called so (`name#id` where two share a name). Raises Invalid `nobody_called`."""
    called, _, number = name.strip().removeprefix("@").partition("#")
    query = (
        select(Customer.id)
        .join(Account, Account.customer_id == Customer.id)
        .where(Customer.display_name == called.strip(), Account.active)
    )
    if number.isdecimal() and len(number) < 18:
        query = query.where(Customer.id == int(number))
    found = list(db.session.scalars(query.limit(2)))
    if len(found) != 1:
        raise Invalid("nobody_called", field="name")
    return found[0]
