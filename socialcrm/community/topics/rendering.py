"""Markdown to safe HTML, once, when a text is written. Pure.

Pictures come as attachments only: an image of another host would tell that host who reads, so `![](…)` stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

MENTION = re.compile(r"@(\S[^@\n]{0,60})")
NUMBERED = re.compile(r"#(\d{1,18})")
HEADING = re.compile(r"<(/?)h([1-6])>")
LONGEST_NAME = 60
URL = re.compile(r"(?<![\w@/\"'=\]\)(<])https?://[^\s<>\"'，。；、！？）】》」]+")
TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "hr", "span",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title", "class", "data-person"}, "ol": {"start"}, "span": {"class"}}

_markdown = MarkdownIt("commonmark", {"breaks": True, "html": False}).enable("strikethrough").disable("image")
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow ugc noopener",
)


def _mention_rule(state: StateInline, silent: bool) -> bool:
    """`@名字` or `@名字#编号`, when the name is one the caller knows; anything else stays text."""
    if state.src[state.pos] != "@":
        return False
    people: Mapping[str, int] = state.env.get("people", {})
    found = longest_name(state.src[state.pos + 1 :], people)
    if found is None:
        return False
    name, person, length = found
    if not silent:
        token = state.push("mention", "", 0)
        token.content = name
        token.meta = {"person": person}
        state.env.setdefault("mentioned", []).append(person)
    state.pos += 1 + length
    return True


def longest_name(text: str, people: Mapping[str, int]) -> tuple[str, int, int] | None:
    """(name, person, characters used) of the longest known name `text` begins with; `name#12` wins over `name`."""
    line = text[:LONGEST_NAME].split("\n", 1)[0]
    for length in range(len(line), 0, -1):
        name = line[:length]
        numbered = NUMBERED.match(text[length:])
        if numbered and f"{name}#{numbered[1]}" in people:
            return name, people[f"{name}#{numbered[1]}"], length + numbered.end()
        if name in people:
            return name, people[name], length
    return None


def _mention_html(self: object, tokens: list[object], index: int, options: object, env: object) -> str:
    token = tokens[index]
    return f'<span class="mention">@{escape(token.content)}</span>'  # type: ignore[attr-defined]


_markdown.inline.ruler.before("emphasis", "mention", _mention_rule)
_markdown.add_render_rule("mention", _mention_html)


def _linked(text: str) -> str:
    """Bare addresses become autolinks, code blocks and existing links left alone."""
    parts = re.split(
        r"(```.*?```|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\)|<https?://[^>\s]+>)", text, flags=re.DOTALL
    )
    return "".join(part if at % 2 else URL.sub(r"<\g<0>>", part) for at, part in enumerate(parts))


def render(text: str, people: Mapping[str, int] | None = None) -> tuple[str, list[int]]:
    """Safe HTML of a Markdown text, and the people it mentions (each once, in order).

    `people` maps the names that may be mentioned (`李娜`, or `李娜#12` where two share a name) to customer ids.
    """
    env: dict[str, object] = {"people": people or {}}
    # A page has its own first and second headings: a writer's begin at the third.
    written = HEADING.sub(
        lambda found: f"<{found[1]}h{min(int(found[2]) + 2, 4)}>", _markdown.render(_linked(text), env)
    )
    html = _cleaner.clean(written).strip()
    mentioned = env.get("mentioned", [])
    return html, list(dict.fromkeys(mentioned))  # type: ignore[call-overload]


def names_in(text: str) -> list[str]:
    """Every beginning of what follows an `@` in the text: the names that could be meant, at most 20 mentions long."""
    names: dict[str, None] = {}
    for match in list(MENTION.finditer(text))[:20]:
        tail = match[1][:LONGEST_NAME]
        names.update(dict.fromkeys(tail[:length] for length in range(1, len(tail) + 1)))
    return list(names)


def numbers_in(text: str) -> list[int]:
    """Customer numbers written as `@名字#编号`."""
    return [int(number) for number in re.findall(r"@[^@\n]{1,60}?#(\d{1,18})", text)[:20]]


def plain(html: str) -> str:
    """The text of rendered HTML, quotes left out, on one line."""
    without_quotes = re.sub(r"<blockquote>.*?</blockquote>", " ", html, flags=re.DOTALL)
    text = nh3.clean(without_quotes.replace("<br>", " ").replace("</p>", " "), tags=set())
    return " ".join(unescape(text).split())


def excerpt(html: str, length: int = 120) -> str:
    """The beginning of a rendered text for lists and notices."""
    text = plain(html)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
