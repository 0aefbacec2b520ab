"""Verbs of teams, ready answers, hours and thresholds. Inside the caller's transaction()."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ...accounts.audit import audit
from ...accounts.models import Account
from ...database import db
from ...errors import Conflict, Invalid
from ...settings import change_setting
from ..cases.clocks import set_clocks
from ..cases.models import ACTIVE, CannedReply, Case, Desk, Team
from ..sla.calendar import as_settings


def save_team(team: Team | None, *, name: str, aspects: list[str], fallback: bool, acting: Account) -> Team:
    """Create or change a team; at most one takes what nobody answers for. Conflict `team_taken`."""
    team = team or Team(
        position=(db.session.scalar(select(Team.position).order_by(Team.position.desc())) or 0) + 1
    )
    if fallback:
        db.session.execute(update(Team).values(fallback=False))
    team.name, team.aspects, team.fallback = name.strip(), aspects, fallback
    _add_named(team, "team_taken", "name")
    audit(acting, "save_team", "team", team.id, name=team.name)
    return team


def remove_team(team: Team, *, acting: Account) -> None:
    """Take a team away: its cases and agents have none until they are given one."""
    db.session.execute(update(Case).where(Case.team_id == team.id).values(team_id=None))
    db.session.execute(update(Desk).where(Desk.team_id == team.id).values(team_id=None))
    audit(acting, "remove_team", "team", team.id, name=team.name)
    db.session.delete(team)


def save_reply(reply: CannedReply | None, *, title: str, text: str) -> CannedReply:
    """Create or change a ready answer; Conflict `reply_taken`."""
    reply = reply or CannedReply()
    reply.title, reply.text = title.strip(), text.strip()
    _add_named(reply, "reply_taken", "title")
    return reply


def _add_named(row: Team | CannedReply, code: str, field: str) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise Conflict(code, field=field) from None


def change_rules(values: dict[str, Any], *, acting: Account) -> None:
    """Store service settings; they are in force after the commit, when `reset_clocks` applies them."""
    for name, value in values.items():
        change_setting(name, value)
    audit(acting, "change_service_rules", "settings", None, names=sorted(values))


def reset_clocks() -> None:
    """Set the clocks of active cases by the rules in force."""
    for case in db.session.scalars(select(Case).where(Case.status.in_(ACTIVE)).limit(5000)):
        set_clocks(case)


def hours_of(lines: dict[str, str]) -> dict[str, Any]:
    """A form's lines per weekday as the setting's value; Invalid `hours_invalid`."""
    try:
        hours = as_settings(lines)
    except ValueError:
        raise Invalid("hours_invalid", field="hours") from None
    if not any(hours.values()):
        raise Invalid("hours_invalid", field="hours")
    return hours
