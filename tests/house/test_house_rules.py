"""The rules of docs/architecture.md that a machine can hold."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from socialcrm.events import Event, reactions_to

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "socialcrm").rglob("*.py")) + sorted((ROOT / "worker").rglob("*.py"))

#: Events that are facts for the record, the API's feed or webhooks; nothing in the program reacts to them yet.
SILENT = {
    "ConsentChanged",
    "GroupInvited",
    "GroupLeft",
    "MembershipAsked",
    "OpinionCorrected",
    "PointsPosted",
    "PostHeld",
    "PostReported",
    "ReferralRefused",
    "StaffInvited",
    "CaseAssigned",
    "ConversationClosed",
    "CustomerErased",
    "TopicOpened",
}

#: Pages everybody may open; their doors decide by object (public groups, signed links) or there is nothing to hide.
PUBLIC = re.compile(
    r"^/($|r/|sign-|forgot|reset|verify|invitation|setup$|groups|topics/<|posts/|files/|people/|search|styleguide|static|"
    r"brand|manifest|healthz|readyz|metrics|chat|rate/|surveys?/|preferences|api/|socket\.io|robots\.txt|sitemap)"
)


@cache
def parsed() -> list[tuple[Path, ast.Module]]:
    return [
        (path.relative_to(ROOT), ast.parse(path.read_text()))
        for path in SOURCES
        if "migrations" not in path.parts
    ]


def calls(tree: ast.Module, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        )
    ]


def test_only_the_database_module_commits() -> None:
    stray = [
        f"{path}:{call.lineno}"
        for path, tree in parsed()
        for call in calls(tree, "commit")
        if path.name != "database.py"
    ]
    assert stray == []


def test_transactions_open_at_the_edges() -> None:
    """Views, API, socket handlers, commands, jobs and the worker open transactions; actions and queries never do."""
    forbidden = {"actions.py", "queries.py", "access.py", "models.py", "forms.py", "events.py"}
    stray = [
        f"{path}:{call.lineno}"
        for path, tree in parsed()
        if path.name in forbidden and path.parts[1] != "events.py"
        for call in calls(tree, "transaction")
    ]
    assert stray == []


def test_actions_know_nothing_of_the_request() -> None:
    stray = []
    for path, tree in parsed():
        if path.name not in {"actions.py", "queries.py"}:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "flask":
                stray += [
                    f"{path}: {name.name}" for name in node.names if name.name in {"request", "session", "g"}
                ]
    assert stray == []


def test_reactions_are_registered_in_flow_only() -> None:
    stray = [
        str(path)
        for path, tree in parsed()
        if calls(tree, "reacts_to") and path.name not in {"flow.py", "events.py"}
    ]
    assert stray == []


def test_every_event_has_a_reaction_or_is_listed_as_silent(app: Flask) -> None:
    ours = {name: kind for name, kind in Event.registry.items() if kind.__module__.startswith("socialcrm.")}
    assert {name for name, kind in ours.items() if not reactions_to(kind)} <= SILENT
    assert set(ours) >= SILENT, "an event listed as silent does not exist any more"


def test_every_route_has_a_door_or_is_listed_public(app: Flask) -> None:
    """A view that is not public names its door: an account, a role, or an object from an access module."""
    door = re.compile(
        r"require_account|require_role|_for\(|_staff\(|require_\w+\(|\bdoor|_admin\(|_manager\(|guarded|@needs|may_\w+\(|_own_?\w*\(|_me\(|_acting\(|_serving\(|_agent\(|_do\("
    )
    open_routes = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if PUBLIC.match(rule.rule) or rule.endpoint == "static":
            continue
        source = Path(view.__code__.co_filename) if hasattr(view, "__code__") else None
        if source is None or "socialcrm" not in str(source):
            continue
        lines = source.read_text().splitlines()
        first = view.__code__.co_firstlineno - 1
        body = "\n".join(lines[first : first + 40])
        if not door.search(body):
            open_routes.append(f"{rule.rule} ({rule.endpoint})")
    assert open_routes == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "repository", "misc"])
def test_no_drawer_for_odds_and_ends(word: str) -> None:
    assert [str(path) for path in SOURCES if path.stem == word] == []


def test_files_stay_readable() -> None:
    """A file over about 400 lines wants to be split by what it is about; flow.py is one page on purpose."""
    long = {
        str(path): len(path.read_text().splitlines()) for path in SOURCES if "migrations" not in path.parts
    }
    assert {path: lines for path, lines in long.items() if lines > 480 and not path.endswith("flow.py")} == {}


def test_no_page_carries_inline_scripts_or_styles() -> None:
    """The content security policy allows neither."""
    inline = re.compile(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*(?:src=|type=\"application/json\"))")
    stray = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in [inline.search(path.read_text())]
        if found
    ]
    assert stray == []


def test_no_path_or_tool_of_a_machine_stands_in_the_repository() -> None:
    words = re.compile(r"/work/|/root/")
    texts = [
        p
        for p in ROOT.rglob("*")
        if p.suffix in {".py", ".md", ".toml", ".html", ".js", ".scss", ".yml", ".conf"}
    ]
    skipped = {".venv", "node_modules", ".git", ".cache", "static", "data"}
    stray = [
        str(path.relative_to(ROOT))
        for path in texts
        if not skipped & set(path.relative_to(ROOT).parts)
        and path != Path(__file__)
        and words.search(path.read_text())
    ]
    assert stray == []
