"""Reading the written material: scenes of talk, short remarks and service dialogues in `texts/`.

A scene file holds scenes headed `== name`. `>` starts an opener (`> title ｜ body`), a line of `-` an exchange anyone
may begin, indented lines its continuation. The mark gives the mood: `+` glad, `!` upset, `?` asking, else calm; `@` is
the opener's author, `=` the brand's staff. Digits before a mark tie an exchange to those openers. `{a|b}` offers a
choice; `<城>` and the like are filled in when somebody says it.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TEXTS = files("socialcrm.commands.demo") / "texts"
LINE = re.compile(r"^(?P<only>\d*)(?P<mark>[-+!?@=]) (?P<text>.+)$")
CHOICE = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")
MOODS = {"+": "+", "!": "!", "?": "?"}


@dataclass(frozen=True, slots=True)
class Line:
    speaker: str  # "anyone", "author" (who opened the topic) or "staff"
    mood: str  # + ! ? .
    text: str


@dataclass(frozen=True, slots=True)
class Opener:
    title: str
    body: str
    mood: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One remark and what is answered to it; `openers` are the places of those it fits, empty for all."""

    openers: frozenset[int]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    openers: tuple[Opener, ...]
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    subject: str
    aspect: str
    angry: bool
    lines: tuple[tuple[bool, str], ...]  # (the customer speaks, text)


def read_text(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")


@cache
def scenes(name: str) -> tuple[Scene, ...]:
    """The scenes of `texts/<name>.txt`; ValueError names a line that fits no form."""
    blocks = re.split(r"^== ", read_text(f"{name}.txt"), flags=re.M)[1:]
    return tuple(_scene(block) for block in blocks)


@cache
def remarks() -> dict[str, tuple[str, ...]]:
    """Short remarks by the mood of the topic they answer: + ! ? and . for calm."""
    found: dict[str, list[str]] = {}
    mood = "."
    for line in read_text("common.txt").splitlines():
        if line.startswith("["):
            mood = line[1]
        elif line and not line.startswith("#"):
            found.setdefault(mood, []).append(line)
    return {mood: tuple(lines) for mood, lines in found.items()}


def word_lists(name: str) -> dict[str, list[str]]:
    """The words under each `[heading]` of `texts/<name>.txt`."""
    blocks = re.split(r"^\[(\w+)\]$", read_text(f"{name}.txt"), flags=re.M)[1:]
    return {heading: words.split() for heading, words in zip(blocks[::2], blocks[1::2], strict=True)}


@cache
def dialogues() -> tuple[Dialogue, ...]:
    blocks = re.split(r"^== ", read_text("chats.txt"), flags=re.M)[1:]
    return tuple(_dialogue(block) for block in blocks)


def _scene(block: str) -> Scene:
    name, *lines = [line for line in block.splitlines() if line.strip()]
    openers = tuple(_opener(line) for line in lines if line.startswith(">"))
    exchanges: list[Exchange] = []
    for line in lines:
        if line.startswith(">"):
            continue
        found = LINE.match(line.strip())
        if not found:
            raise ValueError(f"{name}: {line}")
        said = _said(found["mark"], found["text"])
        if line.startswith("  "):
            last = exchanges.pop()
            exchanges.append(Exchange(last.openers, (*last.lines, said)))
        else:
            exchanges.append(Exchange(frozenset(int(digit) - 1 for digit in found["only"]), (said,)))
    return Scene(name.strip(), openers, tuple(exchanges))


def _opener(line: str) -> Opener:
    mark, _, rest = line.partition(" ")
    title, _, body = rest.partition("｜")
    return Opener(title.strip(), body.strip(), MOODS.get(mark[1:], "."))


def _said(mark: str, text: str) -> Line:
    speaker = {"@": "author", "=": "staff"}.get(mark, "anyone")
    return Line(speaker, MOODS.get(mark, "."), text)


def _dialogue(block: str) -> Dialogue:
    head, *lines = [line for line in block.splitlines() if line.strip()]
    subject, aspect, mood = (part.strip() for part in head.split("|"))
    spoken = tuple((line.startswith("客："), line[2:].strip()) for line in lines)
    return Dialogue(subject, aspect, mood == "!", spoken)
