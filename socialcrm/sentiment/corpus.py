"""Labelled texts for training and evaluation: reading TSV files, seeded splits, made-up negations."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from socialcrm.sentiment.lexicon import Entry, default_lexicon

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


def expand(template: str) -> list[str]:
    """The texts of a template: alternatives {a|b|c} advance together, shorter lists begin again."""
    pieces = [piece.split("|") for piece in template.replace("}", "{").split("{")]
    return ["".join(each[index % len(each)] for each in pieces) for index in range(max(map(len, pieces)))]


_NEGATED = {
    1: """{s}不{w} {s}一点都不{w} {s}并不{w} 没觉得{w} {s}不太{w} {s}不是很{w} {s}谈不上{w} 算不上{w} {s}不够{w} {s}从来没有{w}过
        {s}不怎么{w} 完全没有{w}的感觉 说不上{w} {s}根本不{w} 没有那么{w} {s}没有想象中{w} 不会觉得{w} 很难让人觉得{w}""",
    -1: """{s}不{w} {s}一点都不{w} {s}并不{w} {s}没有{w} {s}没{w} {s}从来没有{w}过 {s}完全不{w} {s}没有出现{w} 不会{w}
        {s}一点也没有{w} {s}没有任何{w} 并非{w} 没有觉得{w} {s}毫不{w} 不用担心{w} 不存在{w}""",
}
_PLAIN = "{s}{w} {s}很{w} 真的{w} {s}太{w}了 不得不说{w} {s}非常{w} 居然这么{w} {s}{w}，不是一般的{w}"
_MADE_UP_WORDS = 1200
_SUBJECTS = "东西 味道 服务 质量 物流 包装 房间 这家店 客服 衣服 屏幕 价格 咖啡 效果 老板 环境 手机"


def made_up_negations(seed: int, each: int = 4) -> list[tuple[str, int]]:
    """Short (text, label) pairs in which a negation turns a polar word of the lexicon, and plain ones beside them."""
    chance = random.Random(seed)  # noqa: S311
    subjects = [*_SUBJECTS.split(), *[""] * 9]
    made = []
    words = [each for each in sorted(default_lexicon().entries.items()) if _is_plainly_polar(*each)]
    for word, entry in chance.sample(words, min(_MADE_UP_WORDS, len(words))):
        sign = 1 if entry.polarity > 0 else -1
        for template in chance.sample(_NEGATED[sign].split(), each):
            made.append((template.format(s=chance.choice(subjects), w=word), int(sign < 0)))
        for template in chance.sample(_PLAIN.split(), each // 2):
            made.append((template.format(s=chance.choice(subjects), w=word), int(sign > 0)))
    return made


def _is_plainly_polar(word: str, entry: Entry) -> bool:
    is_phrase = any(each in word for each in "不没无未太很最非真") or len(word) > 4
    is_word = (
        abs(entry.polarity) >= 1.5
        and not is_phrase
        and not entry.cues
        and not entry.negate
        and not entry.degree
    )
    return is_word and all("\u4e00" <= each <= "\u9fff" for each in word)
