"""Every route of the service desk is closed to customers, managers and guests; rules and teams also to plain agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from socialcrm.accounts.models import Account
from socialcrm.channels.actions import open_conversation, receive_message
from socialcrm.database import transaction
from socialcrm.live import may_join
from socialcrm.service.cases.staffing import ensure_teams
from socialcrm.service.teams.actions import save_reply

from .making import make_case, raise_alert

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]
DESK = ("alerts", "cases", "inbox", "reports", "teams")
LEADS_ONLY = {
    "teams.start",
    "teams.new_team",
    "teams.change_team",
    "teams.remove",
    "teams.change_desk",
    "teams.rules",
}


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """One of everything, each with id 1, belonging to 李娜."""
    raise_alert(cast["lina"])
    make_case(cast["lina"])
    with transaction():
        receive_message(open_conversation(cast["lina"].customer_id), "在吗")
        ensure_teams()
        save_reply(None, title="致歉", text="{name}，很抱歉")
    return cast


def _calls(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of every desk route, with 1 for each number."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in DESK:
            path = _path(rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint, method, path


def _path(rule: Rule) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, 1))
    assert built is not None
    return built[1]


@pytest.mark.parametrize(
    ("who", "allowed"), [("lina", {403, 404}), ("wangqiang", {403, 404}), ("manager", {403})]
)
def test_the_desk_is_closed_to(
    app: Flask, filled: Cast, client_of: ClientOf, who: str, allowed: set[int]
) -> None:
    client = client_of(filled[who])
    answers = {
        (method, path): client.open(path, method=method).status_code for _, method, path in _calls(app)
    }
    assert len(answers) > 40
    assert {call: status for call, status in answers.items() if status not in allowed} == {}


def test_a_guest_is_led_to_the_door(app: Flask, filled: Cast, client: FlaskClient) -> None:
    answers = {
        (method, path): client.open(path, method=method).status_code for _, method, path in _calls(app)
    }
    assert {call: status for call, status in answers.items() if status != 302} == {}


def test_a_plain_agent_reads_and_works_but_does_not_rule(
    app: Flask, filled: Cast, client_of: ClientOf
) -> None:
    client = client_of(filled["agent"])
    for endpoint, method, path in _calls(app):
        status = client.open(path, method=method).status_code
        if endpoint in LEADS_ONLY:
            assert status == 403, path
        elif method == "GET":
            assert status == (404 if endpoint == "cases.new_case" else 200), path
        else:
            assert status in (303, 404, 422), path


def test_rooms_open_only_to_those_concerned(filled: Cast) -> None:
    assert may_join(filled["agent"], "staff:0") and may_join(filled["agent"], "case:1")
    for who in ("lina", "wangqiang", "manager", None):
        account = filled[who] if who else None
        assert not may_join(account, "staff:0") and not may_join(account, "case:1")
    assert not may_join(filled["agent"], "staff:1") and not may_join(filled["agent"], "case:99")
    assert may_join(filled["lina"], "conversation:1") and not may_join(filled["wangqiang"], "conversation:1")
