"""Measure the engine on labelled files: polarity, aspects, dissatisfied dialogues, and beside other programs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import aspects, engine
from socialcrm.sentiment.corpus import read_rows
from socialcrm.sentiment.measures import accuracy, auc, calibration_error, f1, macro_f1, most_certain
from socialcrm.sentiment.mood import logit

#: The share of texts of which `accuracy_at_coverage` tells the accuracy: the most certain.
COVERAGE = 0.7
_WARM_UP = 200
_CLASSES = ("negative", "positive", "neutral")


def evaluate(path: Path, channel: engine.Channel | None = None) -> dict[str, Any]:
    """Measures over a TSV with columns text, label 0/1[/2] and optionally domain, which only groups the report.

    Raises ValueError for a file without these columns and for another label.
    """
    rows, marks = _labelled(path)
    texts = [row["text"] for row in rows]
    labels = np.array(marks)
    domains = np.array([row.get("domain", "") for row in rows])
    probabilities, per_second = _one_at_a_time(texts, lambda text: engine.probability(text, channel))
    report = {**_polarity(probabilities, labels), "docs_per_second": round(per_second, 1)}
    report["by_domain"] = {
        name: _polarity(probabilities[domains == name], labels[domains == name])
        for name in dict.fromkeys(domains.tolist())
        if name
    }
    if (labels == 2).any():
        report["three_class"] = _three_class(texts, labels, channel)
    return report


def _rows_with(path: Path, *columns: str) -> list[dict[str, str]]:
    rows = list(read_rows(path))
    if not rows:
        raise ValueError(f"{path.name}: no rows")
    missing = [name for name in columns if name not in rows[0]]
    if missing:
        raise ValueError(f"{path.name}: no column {', '.join(missing)}; there are {', '.join(rows[0])}")
    return rows


def _labelled(path: Path) -> tuple[list[dict[str, str]], list[int]]:
    rows = _rows_with(path, "text", "label")
    strange = next((row["label"] for row in rows if row["label"].strip() not in ("0", "1", "2")), None)
    if strange is not None:
        raise ValueError(f"{path.name}: a label is 0, 1 or 2, not {strange!r}")
    return rows, [int(row["label"]) for row in rows]


def _one_at_a_time(texts: Sequence[str], score: Callable[[str], float]) -> tuple[NDArray[np.float64], float]:
    for text in islice(cycle(texts), _WARM_UP):
        score(text)
    began = time.perf_counter()
    scores = [score(text) for text in texts]
    return np.array(scores, dtype=np.float64), len(texts) / max(time.perf_counter() - began, 1e-9)


def _polarity(probabilities: NDArray[np.float64], labels: NDArray[np.int_]) -> dict[str, Any]:
    polar = labels != 2
    probabilities, labels = probabilities[polar], labels[polar]
    predicted, truth = (probabilities >= 0.5).astype(int), labels == 1
    certain = most_certain(probabilities, COVERAGE)
    decided = np.abs(2 * probabilities - 1) >= engine.SURE
    return {
        "n": len(labels),
        "accuracy": round(accuracy(predicted, labels), 4),
        "macro_f1": round(macro_f1(predicted, labels, (0, 1)), 4),
        "auc": round(auc(probabilities, truth), 4),
        "ece": round(calibration_error(probabilities, truth), 4),
        "coverage": round(float(certain.mean()) if len(labels) else 0.0, 4),
        "accuracy_at_coverage": round(accuracy(predicted[certain], labels[certain]), 4),
        "decided": round(float(decided.mean()) if len(labels) else 0.0, 4),
        "accuracy_when_decided": round(accuracy(predicted[decided], labels[decided]), 4),
    }


def _three_class(
    texts: Sequence[str], labels: NDArray[np.int_], channel: engine.Channel | None
) -> dict[str, Any]:
    predicted = np.array([_CLASSES.index(engine.three_way(text, channel)) for text in texts])
    return {
        "n": len(labels),
        "accuracy": round(accuracy(predicted, labels), 4),
        "macro_f1": round(macro_f1(predicted, labels, (0, 1, 2)), 4),
    }


def evaluate_scores(path: Path, column: str, below: float) -> dict[str, Any]:
    """AUC of finding the dialogues whose score in `column` is at most `below` (the dissatisfied).

    Raises ValueError for a file without text or `column`, and for a score that is no number.
    """
    rows = _rows_with(path, "text", column)
    dissatisfied = np.array([float(row[column]) <= below for row in rows])
    scores, per_second = _one_at_a_time([row["text"] for row in rows], engine.dissatisfaction)
    return {
        "n": len(rows),
        "dissatisfied": int(dissatisfied.sum()),
        "auc": round(auc(scores, dissatisfied), 4),
        "docs_per_second": round(per_second, 1),
    }


def evaluate_aspects(path: Path, mapping: Path) -> dict[str, Any]:
    """F1 of finding each aspect, and polarity accuracy where it was found and is judged −1 or 1 in the file.

    `mapping` is a TSV of file column and aspect; several columns may map to one aspect, and 物流 or 服务 may stand for
    配送 or 客服. An aspect counts as found when the engine finds what the columns mapped to it are known to hold (功效
    and 气味 mapped to 使用体验, say), or else the aspect itself. Columns that the file lacks are named under `left_out`, so that one
    mapping may serve several files. Raises ValueError for a file that has none of them and for an aspect that the engine
    does not know.
    """
    wanted = _read_mapping(mapping)
    rows = _rows_with(path, "text")
    there = set(rows[0]) if rows else set()
    unknown = [aspect for aspect in wanted if _known(aspect) not in engine.aspect_names()]
    if unknown:
        raise ValueError(f"aspects not known: {', '.join(unknown)}")
    present = {aspect: [name for name in names if name in there] for aspect, names in wanted.items()}
    columns = {aspect: names for aspect, names in present.items() if names}
    left_out = [name for names in wanted.values() for name in names if name not in there]
    if not columns:
        raise ValueError(f"{path.name}: no column {', '.join(left_out)}; there are {', '.join(there)}")
    found = [engine.all_aspects(row["text"]) for row in rows]
    by_aspect = {aspect: _one_aspect(aspect, names, rows, found) for aspect, names in columns.items()}
    mean = float(np.mean([each["f1"] for each in by_aspect.values()]))
    report = {"mean_f1": round(mean, 4), "by_aspect": by_aspect}
    return report | ({"left_out": left_out} if left_out else {})


def _read_mapping(path: Path) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip() or line.split("\t") == ["file_column", "aspect"]:
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2:
            raise ValueError(f"{path.name}:{number}: a file column, a tab and an aspect are wanted")
        columns.setdefault(cells[1], []).append(cells[0])
    return columns


def _known(aspect: str) -> str:
    return aspects.synonyms().get(aspect, aspect)


def _finer(aspect: str, columns: Sequence[str]) -> list[str]:
    """The engine's own names of what `columns` hold; the aspect itself where one of them is not known."""
    known = aspects.columns()
    if all(column in known for column in columns):
        return list(dict.fromkeys(known[column] for column in columns))
    return [_known(aspect)]


def _one_aspect(
    aspect: str, columns: Sequence[str], rows: Sequence[dict[str, str]], found: Sequence[dict[str, float]]
) -> dict[str, Any]:
    marks = np.array([[int(row[column] or -2) for column in columns] for row in rows])
    present = np.any((marks >= -1) & (marks <= 1), axis=1)
    sign = np.where((marks >= -1) & (marks <= 1), marks, 0).sum(axis=1)
    names = _finer(aspect, columns)
    scores = [[logit(each[name]) for name in names if name in each] for each in found]
    said = np.array([bool(each) for each in scores])
    judged = said & present & (sign != 0)
    right = [(sum(scores[index]) >= 0) == (sign[index] > 0) for index in np.flatnonzero(judged).tolist()]
    return {
        "f1": round(f1(said, present), 4),
        "polarity_accuracy": round(float(np.mean(right)), 4) if right else None,
        "n": int(present.sum()),
    }


def compare(path: Path, limit: int) -> dict[str, Any]:
    """Ours beside SnowNLP, and cnsenti if it is installed, on up to `limit` polar rows of each domain, one text at a time.

    `gain` is the mean over the domains of the points of accuracy that ours has over SnowNLP.
    """
    by_domain: dict[str, list[dict[str, str]]] = {}
    for row, label in zip(*_labelled(path), strict=True):
        if label != 2:
            by_domain.setdefault(row.get("domain") or path.stem, []).append(row)
    chosen = {name: _spread(rows, limit) for name, rows in by_domain.items()}
    texts = [row["text"] for rows in chosen.values() for row in rows]
    labels = np.array([int(row["label"]) for rows in chosen.values() for row in rows])
    domains = np.array([name for name, rows in chosen.items() for _ in rows])
    if not texts:
        raise ValueError(f"{path.name}: no rows labelled 0 or 1")
    programs: dict[str, Any] = {}
    for name, score in _programs().items():
        probabilities, per_second = _one_at_a_time(texts, score)
        right = (probabilities >= 0.5) == (labels == 1)
        programs[name] = {
            "accuracy": round(float(right.mean()), 4),
            "docs_per_second": round(per_second, 1),
            "by_domain": {each: round(float(right[domains == each].mean()), 4) for each in chosen},
        }
    ours, theirs = programs["ours"], programs["snownlp"]
    gains = [ours["by_domain"][each] - theirs["by_domain"][each] for each in chosen]
    return {
        "n": len(texts),
        "characters": round(sum(map(len, texts)) / len(texts), 1),
        "programs": programs,
        "gain": round(100 * sum(gains) / len(gains), 2),
        "times_snownlp": round(ours["docs_per_second"] / theirs["docs_per_second"], 1),
    }


def _spread(rows: Sequence[dict[str, str]], limit: int) -> list[dict[str, str]]:
    """At most `limit` rows, evenly from all over the file."""
    count = min(limit, len(rows))
    return [rows[index * len(rows) // count] for index in range(count)]


def _programs() -> dict[str, Callable[[str], float]]:
    from snownlp import SnowNLP  # type: ignore[import-untyped,unused-ignore]

    programs: dict[str, Callable[[str], float]] = {
        "ours": engine.probability,
        "snownlp": lambda text: float(SnowNLP(text).sentiments) if text.strip() else 0.5,
    }
    try:
        from cnsenti import Sentiment  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return programs
    words = Sentiment()

    def cnsenti_score(text: str) -> float:
        counts = words.sentiment_count(text)
        return 0.5 + 0.5 * float(np.sign(counts["pos"] - counts["neg"]))

    return {**programs, "cnsenti": cnsenti_score}


def as_json(report: dict[str, Any]) -> str:
    """The report as one JSON object."""
    return json.dumps(report, ensure_ascii=False, indent=2)
