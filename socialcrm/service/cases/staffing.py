"""Put a case on a desk: route it to a team and an agent with room, or keep it in the team's queue."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import func, select

from ...accounts.models import SERVICE_ROLES, Account
from ...customers.queries import facts_of
from ...database import db
from ...errors import Invalid
from ...events import announce
from .events import CaseAssigned
from .models import ACTIVE, Case, Desk, Team
from .routing import AgentFacts, TeamFacts, choose_agent, next_in_queue, team_for
from .thread import add_entry

#: What counts against an agent's capacity: waiting for the customer does not.
LOADING = ("open", "reopened")


def ensure_teams() -> list[Team]:
    """The teams; a new installation gets those of data/teams.tsv."""
    teams = list(db.session.scalars(select(Team).order_by(Team.position, Team.id)))
    if teams:
        return teams
    lines = resources.files(__package__ or "").joinpath("data/teams.tsv").read_text(encoding="utf-8")
    for position, line in enumerate(line for line in lines.splitlines() if line and line[0] != "#"):
        name, aspects, fallback = line.split("\t")
        db.session.add(
            Team(name=name, aspects=aspects.split(","), fallback=fallback == "yes", position=position)
        )
    db.session.flush()
    return ensure_teams()


def place_case(case: Case) -> None:
    """Route a new case: team by aspect, agent by skill, load and the customer's tier; queue when all are full."""
    teams = [TeamFacts(team.id, frozenset(team.aspects), team.fallback) for team in ensure_teams()]
    case.team_id = team_for(case.aspects, teams)
    _try_to_give(case)


def _try_to_give(case: Case) -> bool:
    tier = str(facts_of(case.customer_id).get("loyalty.tier", {}).get("tier", ""))
    choice = choose_agent(agents_of(case.team_id), case.aspects, tier)
    if choice.agent_id is None:
        add_entry(case, "queued", facts={"team_id": case.team_id, "reason": choice.reason})
        return False
    give(case, choice.agent_id, acting=None, reason=choice.reason)
    return True


def agents_of(team_id: int | None) -> list[AgentFacts]:
    """The team's agents with their present load; agents without a desk of their own help every team."""
    loads = (
        select(Case.assignee_id, func.count().label("load"))
        .where(Case.status.in_(LOADING), Case.assignee_id.is_not(None))
        .group_by(Case.assignee_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Account.id, Desk, loads.c.load)
        .outerjoin(Desk, Desk.account_id == Account.id)
        .outerjoin(loads, loads.c.assignee_id == Account.id)
        .where(Account.role.in_(SERVICE_ROLES - {"admin"}), Account.active)
        .where(Desk.team_id.is_(None) | (Desk.team_id == team_id))
    )
    return [_agent_facts(account_id, desk, load or 0) for account_id, desk, load in rows]


def _agent_facts(account_id: int, desk: Desk | None, load: int) -> AgentFacts:
    if desk is None:
        return AgentFacts(account_id, load, capacity=8)
    return AgentFacts(account_id, load, desk.capacity, frozenset(desk.skills), desk.on_duty)


def give(case: Case, account_id: int | None, *, acting: Account | None, reason: str) -> None:
    """Make somebody the assignee (None: back to the queue) and say so on the thread."""
    case.assignee_id = account_id
    kind = "assigned" if account_id else "queued"
    facts = {"to": account_id, "team_id": case.team_id, "reason": reason}
    add_entry(case, kind, acting=acting, facts=facts)
    if account_id:
        announce(CaseAssigned(case.id))


def assign_case(case: Case, *, acting: Account, assignee: Account | None, team: Team | None = None) -> None:
    """Give the case to an agent by hand, whatever the load, or to a team's queue; Invalid `not_service_staff`."""
    if assignee is not None and not assignee.serves:
        raise Invalid("not_service_staff", field="assignee")
    if team is not None and team.id != case.team_id:
        case.team_id = team.id
        if assignee is None:
            case.assignee_id = None
            _try_to_give(case)
            return
    if assignee is None or assignee.id != case.assignee_id:
        give(case, assignee.id if assignee else None, acting=acting, reason="by_hand")


def serve_queue(team_id: int | None) -> int:
    """Hand out what waits in a team's queue while somebody has room; returns how many left the queue."""
    db.session.flush()
    waiting = db.session.execute(
        select(Case.id, Case.priority, Case.opened_at)
        .where(Case.team_id == team_id, Case.assignee_id.is_(None), Case.status.in_(ACTIVE))
        .limit(200)
    )
    served = 0
    for case_id in next_in_queue([(row.id, row.priority, row.opened_at.timestamp()) for row in waiting]):
        case = db.session.get_one(Case, case_id, with_for_update=True)
        choice = choose_agent(agents_of(team_id), case.aspects)
        if choice.agent_id is None:
            break
        give(case, choice.agent_id, acting=None, reason=choice.reason)
        db.session.flush()
        served += 1
    return served


def set_desk(account: Account, *, team: Team | None, capacity: int, skills: list[str], on_duty: bool) -> None:
    """Edit an agent's place; a team with new room serves its queue at once. Invalid `capacity_out_of_range`."""
    if not account.serves:
        raise Invalid("not_service_staff", field="account")
    if not 0 <= capacity <= 100:
        raise Invalid("capacity_out_of_range", field="capacity")
    desk = db.session.get(Desk, account.id)
    if desk is None:
        desk = Desk(account_id=account.id)
        db.session.add(desk)
    desk.team_id, desk.capacity = (team.id if team else None), capacity
    desk.skills, desk.on_duty = skills, on_duty
    for one in ensure_teams():
        serve_queue(one.id)
