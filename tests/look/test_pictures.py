"""Every icon and drawing that a template names is there: a missing one is silently blank in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from jinja2 import nodes

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"

#: Macro → the place of its icon's name among its arguments (templates/parts).
ICON_AT = {
    "icon": 0, "svg": 0, "icon_button": 1, "icon_link": 1, "menu": 1, "menu_item": 1, "card": 1, "reply_action": 1,
    "button": 2, "link_button": 2 + 1, "post_button": 3, "menu_post": 2, "chip": 2, "timeline_item": 2, "banner": 3,
}  # fmt: skip
ART_AT = {"art": 0, "drawing": 0, "empty_state": 3, "group_card": 8}


def icons() -> set[str]:
    """The names of frontend/icons.mjs."""
    source = (ROOT / "frontend" / "icons.mjs").read_text()
    return set(re.findall(r'^ {2}"?([\w-]+)"?: "', source, re.MULTILINE))


def drawings() -> set[str]:
    """The names of frontend/art."""
    return {path.stem for path in (ROOT / "frontend" / "art").glob("*.svg")}


def written(argument: nodes.Expr) -> Iterator[str]:
    """The names an argument may be: a constant, or the two sides of a condition."""
    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, nodes.CondExpr):
        yield from written(argument.expr1)
        if argument.expr2 is not None:
            yield from written(argument.expr2)


def named(tree: nodes.Template, places: dict[str, int], keyword: str) -> set[str]:
    """The names given to the macros of `places`, by position or keyword."""
    found: set[str] = set()
    for call in tree.find_all(nodes.Call):
        macro = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
        if macro not in places:
            continue
        arguments = [one.value for one in call.kwargs if one.key == keyword]
        arguments += call.args[places[macro] : places[macro] + 1]
        for argument in arguments:
            found |= set(written(argument))
    return found


def test_templates_name_only_pictures_there_are(app: Flask) -> None:
    known_icons, known_drawings = icons(), drawings()
    missing: dict[str, set[str]] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text()
        tree = app.jinja_env.parse(source)
        used = named(tree, ICON_AT, "icon") | set(
            re.findall(r'(?:icons|asset\("icons\.svg"\)) \}\}#([\w-]+)"', source)
        )
        unknown = (used - known_icons) | (named(tree, ART_AT, "art") - known_drawings)
        if unknown - {""}:
            missing[str(path.relative_to(TEMPLATES))] = unknown
    assert missing == {}
