"""Verbs that change groups and who is in them. All run inside the caller's transaction()."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select, update

from ...database import db, utcnow
from ...errors import Conflict, Forbidden, Invalid
from ...events import announce
from ..events import GroupChanged, GroupInvited, GroupJoined, GroupLeft, MembershipAsked
from ..topics.rendering import render
from .models import ACCESS, KINDS, LEVELS, MEMBER_ROLES, Group, GroupRules, Membership


def create_group(
    name: str,
    *,
    kind: str,
    access: str = "public",
    description: str = "",
    rules: str = "",
    cover: str | None = None,
    leader_id: int | None = None,
    at: datetime | None = None,
    once: str | None = None,
) -> Group:
    """A new group; `leader_id` is the customer who becomes its 群主. A repeated `once` gives the same group.

    Raises Invalid `name_missing`, `unknown_kind`, `unknown_access`; Conflict `group_name_taken`.
    """
    if once and (made := db.session.scalar(select(Group).where(Group.once == once))):
        return made
    now = at or utcnow()
    group = Group(
        name=_free_name(name),
        kind=_one_of(kind, KINDS, "kind"),
        access=_one_of(access, ACCESS, "access"),
        description=description.strip(),
        cover=cover,
        invitation_code=secrets.token_urlsafe(9),
        created_at=now,
        last_post_at=now,
        once=once,
    )
    db.session.add(group)
    db.session.flush()
    if rules.strip():
        publish_rules(group, rules, at=now)
    if leader_id is not None:
        _activate(group, leader_id, role="leader", at=now)
    announce(GroupChanged(group.id))
    return group


def _free_name(name: str, *, own_id: int | None = None) -> str:
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid("name_missing", field="name")
    taken = db.session.scalar(select(Group.id).where(Group.name == name))
    if taken is not None and taken != own_id:
        raise Conflict("group_name_taken", field="name", name=name)
    return name


def _one_of(value: str, known: tuple[str, ...], field: str) -> str:
    if value not in known:
        raise Invalid(f"unknown_{field}", field=field)
    return value


def change_group(
    group_id: int,
    *,
    name: str,
    kind: str,
    access: str,
    description: str,
    rules: str,
    cover: str | None = None,
) -> Group:
    """Edit a group; other rules than those in force become their next version. `cover` None keeps the picture."""
    group = db.session.get_one(Group, group_id, with_for_update=True)
    group.name = _free_name(name, own_id=group.id)
    group.kind = _one_of(kind, KINDS, "kind")
    group.access = _one_of(access, ACCESS, "access")
    group.description = description.strip()
    group.cover = cover or group.cover
    if _same_text(rules) != _same_text(rules_text(group)):
        publish_rules(group, rules)
    announce(GroupChanged(group.id))
    return group


def _same_text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def rules_text(group: Group) -> str:
    """The rules in force, as written; empty while there are none."""
    row = db.session.get(GroupRules, (group.id, group.rules_version))
    return row.text if row else ""


def publish_rules(group: Group, text: str, *, at: datetime | None = None) -> None:
    """Put the next version of the rules in force; members keep the version they accepted."""
    group.rules_version += 1
    html, _ = render(_same_text(text))
    db.session.add(
        GroupRules(
            group_id=group.id,
            version=group.rules_version,
            text=_same_text(text),
            html=html,
            published_at=at or utcnow(),
        )
    )
    db.session.flush()


def join_group(
    group_id: int,
    customer_id: int,
    *,
    accepted_version: int,
    invitation: str | None = None,
    at: datetime | None = None,
) -> Membership:
    """Join, or ask to be let in where the group wants that. Joining twice changes nothing.

    `accepted_version` is the version of the rules the person saw and accepted. Raises Conflict `rules_changed` when
    another is in force, Forbidden `invitation_needed`.
    """
    group = db.session.get_one(Group, group_id, with_for_update=True)
    row = db.session.get(Membership, (group_id, customer_id))
    if row is not None and row.state in ("active", "requested"):
        return row
    if accepted_version != group.rules_version:
        raise Conflict("rules_changed", field="rules")
    invited = (row is not None and row.state == "invited") or invitation == group.invitation_code
    removed = row is not None and row.state == "removed"
    if group.access == "invitation" and not invited:
        raise Forbidden("invitation_needed")
    if removed or (group.access == "request" and not invited):
        return _ask(group, customer_id, accepted_version)
    return _activate(group, customer_id, accepted_version=accepted_version, at=at)


def accept_rules(group_id: int, customer_id: int, version: int) -> None:
    """A member accepts the rules in force after they changed."""
    group = db.session.get_one(Group, group_id)
    if version != group.rules_version:
        raise Conflict("rules_changed", field="rules")
    _active(group_id, customer_id).rules_version = version


def _row(group_id: int, customer_id: int, at: datetime) -> Membership:
    row = db.session.get(Membership, (group_id, customer_id))
    if row is None:
        row = Membership(group_id=group_id, customer_id=customer_id, joined_at=at, state="requested")
        db.session.add(row)
    return row


def _ask(group: Group, customer_id: int, accepted_version: int) -> Membership:
    row = _row(group.id, customer_id, utcnow())
    row.state, row.rules_version, row.joined_at = "requested", accepted_version, utcnow()
    db.session.flush()
    announce(MembershipAsked(group.id, customer_id))
    return row


def _activate(
    group: Group,
    customer_id: int,
    *,
    role: str = "member",
    accepted_version: int | None = None,
    at: datetime | None = None,
) -> Membership:
    row = _row(group.id, customer_id, at or utcnow())
    row.state, row.role, row.joined_at, row.left_at = "active", role, at or utcnow(), None
    row.rules_version = group.rules_version if accepted_version is None else accepted_version
    db.session.flush()
    db.session.execute(update(Group).where(Group.id == group.id).values(members=Group.members + 1))
    announce(GroupJoined(group.id, customer_id))
    return row


def _active(group_id: int, customer_id: int) -> Membership:
    row = db.session.get(Membership, (group_id, customer_id))
    if row is None or row.state != "active":
        raise Conflict("not_a_member")
    return row


def decide_request(group_id: int, customer_id: int, *, let_in: bool) -> None:
    """Let in who asked, or not; a request that is no longer open changes nothing."""
    row = db.session.get(Membership, (group_id, customer_id), with_for_update=True)
    if row is None or row.state != "requested":
        return
    if let_in:
        group = db.session.get_one(Group, group_id, with_for_update=True)
        _activate(group, customer_id, accepted_version=row.rules_version)
    else:
        row.state, row.left_at = "removed", utcnow()


def invite(group_id: int, customer_id: int, *, inviter_id: int) -> None:
    """Invite a customer; who is in already, or asked, is let in or left as they are."""
    row = db.session.get(Membership, (group_id, customer_id))
    if row is not None and row.state in ("active", "invited"):
        return
    if row is not None and row.state == "requested":
        decide_request(group_id, customer_id, let_in=True)
        return
    row = _row(group_id, customer_id, utcnow())
    row.state, row.invited_by_id = "invited", inviter_id
    db.session.flush()
    announce(GroupInvited(group_id, customer_id, inviter_id))


def leave_group(group_id: int, customer_id: int, *, removed: bool = False) -> None:
    """Leave, or be removed by a moderator; who only asked or was invited takes that back.

    The last 群主 cannot leave (Conflict `last_leader`).
    """
    row = db.session.get(Membership, (group_id, customer_id), with_for_update=True)
    if row is not None and row.state in ("requested", "invited"):
        row.state, row.left_at = "left", utcnow()
        return
    row = _active(group_id, customer_id)
    if row.role == "leader" and not removed:
        _another_leader(group_id, customer_id)
    row.state, row.role, row.left_at = ("removed" if removed else "left"), "member", utcnow()
    db.session.execute(update(Group).where(Group.id == group_id).values(members=Group.members - 1))
    announce(GroupLeft(group_id, customer_id))


def _another_leader(group_id: int, customer_id: int) -> None:
    other = select(Membership.customer_id).where(
        Membership.group_id == group_id,
        Membership.role == "leader",
        Membership.state == "active",
        Membership.customer_id != customer_id,
    )
    if db.session.scalar(other) is None:
        raise Conflict("last_leader")


def set_member_role(group_id: int, customer_id: int, role: str) -> None:
    """Make somebody member, moderator or leader. The last leader stays one (Conflict `last_leader`)."""
    _one_of(role, MEMBER_ROLES, "role")
    row = _active(group_id, customer_id)
    if row.role == "leader" and role != "leader":
        _another_leader(group_id, customer_id)
    row.role = role


def set_group_level(group_id: int, customer_id: int, level: str) -> None:
    """How much a member wants to hear of the group."""
    _active(group_id, customer_id).level = _one_of(level, LEVELS, "level")
