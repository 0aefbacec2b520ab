"""Labelled texts for training and evaluation: reading TSV files, seeded splits, the challenge set."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: Which channel a known set of texts came by; an unknown set is read as reviews unless its file has a column `channel`.
CHANNEL_OF_DOMAIN = {
    "hotel": "review",
    "waimai": "review",
    "shop": "review",
    "weibo2018": "post",
    "smp2020": "post",
    "clueemotion": "post",
    "chat": "chat",
}
#: Sets whose labels come from the emoticon inside the text: they teach the emoticon, not the language.
_NOT_TRAINED_ON = frozenset({"weibo"})


@dataclass(frozen=True, slots=True)
class Example:
    """A text with label 0 (negative), 1 (positive) or 2 (neutral); `emotion` in the source's own words or empty."""

    text: str
    label: int
    domain: str
    channel: str
    emotion: str = ""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a TSV with one header line and no quoting; a byte order mark and empty lines do not count.

    Raises ValueError on a row of another width and on bytes that are not UTF-8.
    """
    header: list[str] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                cells = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n").split("\t")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path.name}:{number}: not UTF-8 at byte {error.start + 1}") from error
            if cells == [""]:
                continue
            if not header:
                header = cells
            elif len(cells) != len(header):
                raise ValueError(f"{path.name}:{number}: {len(cells)} cells, the header has {len(header)}")
            else:
                yield dict(zip(header, cells, strict=True))


def read_examples(path: Path) -> list[Example]:
    """Labelled texts of a TSV with columns text, label and optionally domain, sub, channel."""
    examples = []
    for row in read_rows(path):
        domain = row.get("domain") or path.stem
        channel = row.get("channel") or CHANNEL_OF_DOMAIN.get(domain, "review")
        examples.append(
            Example(row["text"], int(row["label"]), domain, channel, row.get("sub", "").split(":")[-1])
        )
    return examples


def load_polarity(folders: Iterable[Path]) -> list[Example]:
    """All labelled texts of the TSV files in `folders` that have a column `label`, each text once, in a fixed order."""
    seen: set[str] = set()
    examples = []
    for folder in folders:
        for path in sorted(folder.glob("*.tsv")):
            with path.open(encoding="utf-8") as file:
                header = file.readline().rstrip("\r\n").split("\t")
            if "label" not in header or path.stem in _NOT_TRAINED_ON:
                continue
            for example in read_examples(path):
                if example.text not in seen:
                    seen.add(example.text)
                    examples.append(example)
    return examples


def split(items: Sequence[T], share: float, seed: int) -> tuple[list[T], list[T]]:
    """A seeded split: (the rest, `share` of the items)."""
    order = list(items)
    random.Random(seed).shuffle(order)  # noqa: S311
    size = round(len(order) * share)
    return order[size:], order[:size]


def folds_of(kinds: Sequence[Hashable], count: int, seed: int) -> list[int]:
    """The fold of each item, dealt out at random so that every kind is spread evenly over all folds."""
    order = list(range(len(kinds)))
    random.Random(seed).shuffle(order)  # noqa: S311
    dealt, next_of = [0] * len(kinds), dict.fromkeys(kinds, 0)
    for index in order:
        dealt[index] = next_of[kinds[index]] % count
        next_of[kinds[index]] += 1
    return dealt


def challenge(part: str) -> list[tuple[str, str, int]]:
    """(text, phenomenon, label) of the challenge set's `part`, "tune" or "test"."""
    lines = (files(__package__) / "data" / "challenge.tsv").read_text("utf-8").splitlines()
    items = []
    for line in lines:
        if not line.startswith("#"):
            own, phenomenon, label, template = line.split("\t")
            if own == part:
                items += [(text, phenomenon, int(label)) for text in expand(template)]
    return items


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence written for this project on which word counts go wrong; `author` numbers who wrote it, from 0."""

    text: str
    label: int
    phenomenon: str
    channel: str
    author: int


@cache
def written() -> tuple[Written, ...]:
    """The sentences of `data/sentences.tsv`."""
    found = []
    authors: dict[str, int] = {}
    for line in (files(__package__) / "data" / "sentences.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            author, phenomenon, label, channel, text = line.split("\t")
            place = authors.setdefault(author, len(authors))
            found.append(Written(text, int(label), phenomenon, channel, place))
    return tuple(found)


def expand(template: str) -> list[str]:
    """The texts of a template: alternatives {a|b|c} advance together, shorter lists begin again."""
    pieces = [piece.split("|") for piece in template.replace("}", "{").split("{")]
    return ["".join(each[index % len(each)] for each in pieces) for index in range(max(map(len, pieces)))]
