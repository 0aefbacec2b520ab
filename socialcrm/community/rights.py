"""What a person may do in a group. Pure: decided from four facts."""

from __future__ import annotations

from dataclasses import dataclass

from ..accounts.models import MANAGER_ROLES, STAFF_ROLES


@dataclass(frozen=True, slots=True)
class Rights:
    """see: the group's front; read: its topics; write: post in it; moderate: pin, close, hide; manage: edit the group."""

    see: bool
    read: bool
    write: bool
    moderate: bool
    manage: bool
    #: What a press on 「加入」 does now: join, ask, answer (an invitation), or nothing.
    joining: str | None


def rights_in(access: str, account_role: str | None, state: str | None, member_role: str | None) -> Rights:
    """The rights of a guest (`account_role` None), a customer or staff in a group with this access.

    `state` and `member_role` are those of the person's membership row, None without one.
    """
    staff = account_role in STAFF_ROLES
    manager = account_role in MANAGER_ROLES
    active = state == "active"
    keeps = active and member_role in ("moderator", "leader")
    see = access != "invitation" or active or state == "invited" or staff
    return Rights(
        see=see,
        read=active or staff or access == "public",
        write=active or staff,
        moderate=manager or keeps,
        manage=manager or (active and member_role == "leader"),
        joining=None if active or state == "requested" or not see else _joining(access, state),
    )


def _joining(access: str, state: str | None) -> str | None:
    if state == "invited":
        return "answer"
    if state == "removed":
        return None if access == "invitation" else "ask"
    return {"public": "join", "request": "ask"}.get(access)
