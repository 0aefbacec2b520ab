"""To which team and agent a case goes, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RANK = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
VALUED_TIERS = frozenset({"gold", "platinum"})


@dataclass(frozen=True)
class TeamFacts:
    """A team, the aspects it answers for, and whether it takes what nobody answers for."""

    id: int
    aspects: frozenset[str]
    fallback: bool = False


@dataclass(frozen=True)
class AgentFacts:
    """An agent of a team: cases at hand against how many at a time, and the aspects she knows best."""

    id: int
    load: int
    capacity: int
    skills: frozenset[str] = frozenset()
    on_duty: bool = True


@dataclass(frozen=True)
class Choice:
    """The agent, or None when the case must queue; `reason`: skilled · least_loaded · all_full · nobody_on_duty."""

    agent_id: int | None
    reason: str


def team_for(aspects: Sequence[str], teams: Iterable[TeamFacts]) -> int | None:
    """The team with most of the aspects; the first-named aspect decides between equals; else the fallback."""
    teams = list(teams)
    scored = [(len(team.aspects & set(aspects)), -_first(aspects, team), -team.id, team.id) for team in teams]
    best = max(scored, default=None)
    if best is not None and best[0] > 0:
        return best[3]
    return next((team.id for team in teams if team.fallback), teams[0].id if teams else None)


def _first(aspects: Sequence[str], team: TeamFacts) -> int:
    return next((place for place, aspect in enumerate(aspects) if aspect in team.aspects), len(aspects))


def choose_agent(agents: Iterable[AgentFacts], aspects: Sequence[str], tier: str = "") -> Choice:
    """The agent with room: most skilled first for a valued tier, else least loaded with skill as the tie-break.

    Load is measured against capacity, so that a part-timer with 2 of 4 is as full as one with 4 of 8.
    """
    present = [agent for agent in agents if agent.on_duty]
    if not present:
        return Choice(None, "nobody_on_duty")
    free = [agent for agent in present if agent.load < agent.capacity]
    if not free:
        return Choice(None, "all_full")
    wanted = set(aspects)

    def order(agent: AgentFacts) -> tuple[float, float, int]:
        skill, load = -len(agent.skills & wanted), agent.load / agent.capacity
        return (skill, load, agent.id) if tier in VALUED_TIERS else (load, skill, agent.id)

    best = min(free, key=order)
    return Choice(best.id, "skilled" if best.skills & wanted else "least_loaded")


def next_in_queue(waiting: Iterable[tuple[int, str, float]]) -> list[int]:
    """Case ids in the order in which they leave the queue: (id, priority, opened as a timestamp)."""
    return [case_id for case_id, _, _ in sorted(waiting, key=lambda one: (RANK[one[1]], one[2], one[0]))]
