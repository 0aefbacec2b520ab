"""What a layer gains when staff mark the passages that speak of an aspect, beside the same corrections without marks.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sentiment_passages --data ../shared/sentiment/dev/aspects_ecommerce.tsv

Takes columns of an aspect file with opinion spans as aspects that the engine does not know, corrects so many texts of
each with the file's value and its first span, learns the boldest step with and without the spans, and reads the texts
that were not learned from: F1 of finding the aspect, accuracy of what is said of it where it was found, and how often
and how closely (intersection over union of characters) the answer's spans lie on the file's.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from socialcrm.sentiment.brand import Brand
from socialcrm.sentiment.corpus import read_rows
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.learning.layer import layer_of
from socialcrm.sentiment.learning.lessons import Lesson, answers
from socialcrm.sentiment.learning.passages import learned_by_passages
from socialcrm.sentiment.learning.sheets import Read, sheets_of
from socialcrm.sentiment.learning.training import STEPS, learn_sheets
from socialcrm.sentiment.lexicon import default_lexicon

COLUMNS = ("功效", "气味", "使用体验", "包装", "物流", "价格")
COUNTS, SEEDS, LEFT_ALONE, POOL = (20, 60, 150), (1, 2), 300, 1200
#: No aspect that ships has this name.
ASPECT = "本店"
_SAID = {-1: "negative", 0: "neutral", 1: "positive"}


@dataclass(frozen=True)
class Marked:
    """A text with a column's value (None: absent) and its spans."""

    text: str
    value: int | None
    spans: list[tuple[int, int]]


def texts_of(path: Path, column: str) -> list[Marked]:
    """The file's texts with what one column holds, in one fixed order."""
    found = []
    for row in read_rows(path):
        value, text = int(row[column]), row["text"]
        spans = []
        for term, opinion, aspect, _ in json.loads(row["opinions"]):
            places = [
                (at, at + len(part))
                for part in (term, opinion)
                if part != "_" and (at := text.find(part)) >= 0
            ]
            if aspect == column and places:
                spans.append((min(start for start, _ in places), max(end for _, end in places)))
        found.append(Marked(text, None if value == -2 else value, spans))
    random.Random(7).shuffle(found)
    return found


def taught(lessons: list[Lesson], others: list[Lesson]) -> Brand:
    """A brand with the layer that the boldest step learns."""
    brand = Brand(default_lexicon())
    read = answers(lessons, brand, learned_by_passages(lessons), lambda _: None)
    left_alone = answers(others, brand, (), lambda _: None)
    sheets = sheets_of(lessons, Read(read, left_alone, (), ()))
    residuals, _ = learn_sheets(sheets, STEPS[0], lambda: None)
    return replace(brand, layer=layer_of(1, "", residuals))


def measured(brand: Brand, texts: list[Marked]) -> dict[str, float]:
    """The figures of one brand over texts it never saw, as per cent."""
    hits: list[bool] = []
    closeness: list[float] = []
    right: list[bool] = []
    found, there, both = 0, 0, 0
    for each in texts:
        told = analyse(each.text, "review", brand).aspects.get(ASPECT)
        found, there = found + (told is not None), there + (each.value is not None)
        if told is None or each.value is None:
            continue
        both += 1
        if each.value:
            right.append((told.probability >= 0.5) == (each.value == 1))
        if each.spans:
            own, truth = ({at for span in spans for at in range(*span)} for spans in (told.spans, each.spans))
            hits.append(bool(own & truth))
            closeness.append(len(own & truth) / len(own | truth))
    shares = {
        "f1": 2 * both / max(found + there, 1),
        "polarity": float(np.mean(right or [False])),
        "span_hits": float(np.mean(hits or [False])),
        "span_iou": float(np.mean(closeness or [0.0])),
    }
    return {name: round(100 * share, 1) for name, share in shares.items()}


def one(path: Path, column: str, count: int, seed: int) -> dict[str, dict[str, float]] | None:
    """With and without marks; None where the file has too few such texts."""
    texts = texts_of(path, column)
    mixed = random.Random(seed)
    pool = [each for each in texts[:POOL] if each.value is not None and each.spans]
    if len(pool) < count:
        return None
    chosen = mixed.sample(pool, count)
    others = mixed.sample([each for each in texts[:POOL] if each not in chosen], LEFT_ALONE)
    lessons = [
        Lesson(
            key, each.text, "review", aspects={ASPECT: _SAID[each.value or 0]}, spans={ASPECT: each.spans[0]}
        )
        for key, each in enumerate(chosen)
    ]
    alone = [Lesson(0, each.text, "review") for each in others]
    unmarked = [replace(each, spans={}) for each in lessons]
    return {
        name: measured(taught(given, alone), texts[POOL:])
        for name, given in (("unmarked", unmarked), ("marked", lessons))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    options = parser.parse_args()
    for count in options.counts:
        rounds = [
            figures
            for column in COLUMNS
            for seed in SEEDS
            if (figures := one(options.data, column, count, seed))
        ]
        mean: dict[str, Any] = {
            way: {
                name: round(float(np.mean([each[way][name] for each in rounds])), 1)
                for name in rounds[0][way]
            }
            for way in ("unmarked", "marked")
        }
        print(json.dumps({"corrections": count, "rounds": len(rounds)} | mean), flush=True)


if __name__ == "__main__":
    main()
