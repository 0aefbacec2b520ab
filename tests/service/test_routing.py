"""Which team and agent get a case."""

from __future__ import annotations

import pytest

from socialcrm.service.cases.routing import AgentFacts, TeamFacts, choose_agent, next_in_queue, team_for

DELIVERY = TeamFacts(1, frozenset({"配送", "包装"}))
QUALITY = TeamFacts(2, frozenset({"质量", "口味"}))
SERVICE = TeamFacts(3, frozenset({"客服", "退换"}), fallback=True)
TEAMS = [DELIVERY, QUALITY, SERVICE]


@pytest.mark.parametrize(
    ("aspects", "team"),
    [
        (["配送", "客服"], 1),  # one aspect each: the first one said decides
        (["客服", "配送"], 3),
        (["配送", "质量", "口味"], 2),  # two against one
        (["环境"], 3),  # nobody's: the fallback
        ([], 3),
    ],
)
def test_team(aspects: list[str], team: int) -> None:
    assert team_for(aspects, TEAMS) == team


def test_without_a_fallback_the_first_team_takes_it_and_without_teams_nobody() -> None:
    assert team_for(["环境"], [DELIVERY, QUALITY]) == 1
    assert team_for(["环境"], []) is None


def test_load_counts_against_capacity() -> None:
    agents = [AgentFacts(1, 3, 4), AgentFacts(2, 4, 8)]
    assert choose_agent(agents, ["配送"]).agent_id == 2


def test_skill_decides_between_equals_and_first_for_a_valued_tier() -> None:
    agents = [AgentFacts(1, 0, 8), AgentFacts(2, 2, 8, frozenset({"配送"}))]
    assert choose_agent(agents, ["配送"]).agent_id == 1
    assert choose_agent(agents, ["配送"], tier="platinum").agent_id == 2
    assert choose_agent([AgentFacts(1, 2, 8), agents[1]], ["配送"]).reason == "skilled"


@pytest.mark.parametrize(
    ("agents", "reason"),
    [
        ([], "nobody_on_duty"),
        ([AgentFacts(1, 0, 8, on_duty=False)], "nobody_on_duty"),
        ([AgentFacts(1, 8, 8), AgentFacts(2, 0, 0)], "all_full"),
    ],
)
def test_a_case_queues_when_nobody_has_room(agents: list[AgentFacts], reason: str) -> None:
    choice = choose_agent(agents, ["配送"])
    assert (choice.agent_id, choice.reason) == (None, reason)


def test_the_queue_leaves_by_priority_then_age() -> None:
    assert next_in_queue([(1, "normal", 10.0), (2, "urgent", 20.0), (3, "normal", 5.0), (4, "low", 1.0)]) == [
        2,
        3,
        1,
        4,
    ]
