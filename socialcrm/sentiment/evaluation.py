"""Measure the engine on labelled files: polarity, aspects, dissatisfied dialogues, and beside other programs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import engine
from socialcrm.sentiment.corpus import read_rows
from socialcrm.sentiment.measures import accuracy, auc, calibration_error, f1, macro_f1, most_certain

#: The share of texts of which `accuracy_at_coverage` tells the accuracy: the most certain.
COVERAGE = 0.7
_CLASSES = ("negative", "positive", "neutral")


def evaluate(path: Path, channel: engine.Channel | None = None) -> dict[str, Any]:
    """Measures over a TSV with columns text, label 0/1[/2] and optionally domain, which only groups the report."""
    rows = list(read_rows(path))
    texts = [row["text"] for row in rows]
    labels = np.array([int(row["label"]) for row in rows])
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


def _one_at_a_time(texts: Sequence[str], score: Callable[[str], float]) -> tuple[NDArray[np.float64], float]:
    for text in texts[:50]:
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
    """AUC of finding the dialogues whose score in `column` is at most `below` (the dissatisfied)."""
    rows = list(read_rows(path))
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

    `mapping` is a TSV of file column and aspect; several columns may map to one aspect. Raises ValueError for a
    column that the file lacks and for an aspect that the engine does not know.
    """
    columns = _read_mapping(mapping)
    rows = list(read_rows(path))
    missing = [name for names in columns.values() for name in names if rows and name not in rows[0]]
    unknown = [aspect for aspect in columns if aspect not in engine.aspect_names()]
    if missing or unknown:
        raise ValueError(f"columns not in {path.name}: {missing}; aspects not known: {unknown}")
    found = [engine.all_aspects(row["text"]) for row in rows]
    by_aspect = {aspect: _one_aspect(aspect, names, rows, found) for aspect, names in columns.items()}
    mean = float(np.mean([each["f1"] for each in by_aspect.values()])) if by_aspect else 0.0
    return {"mean_f1": round(mean, 4), "by_aspect": by_aspect}


def _read_mapping(path: Path) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip() and line != "file_column\taspect":
            column, aspect = line.split("\t")
            columns.setdefault(aspect.strip(), []).append(column.strip())
    return columns


def _one_aspect(
    aspect: str, columns: Sequence[str], rows: Sequence[dict[str, str]], found: Sequence[dict[str, float]]
) -> dict[str, Any]:
    marks = np.array([[int(row[column]) for column in columns] for row in rows])
    present = np.any((marks >= -1) & (marks <= 1), axis=1)
    sign = np.where((marks >= -1) & (marks <= 1), marks, 0).sum(axis=1)
    said = np.array([aspect in each for each in found])
    judged = said & present & (sign != 0)
    right = [(found[index][aspect] >= 0.5) == (sign[index] > 0) for index in np.flatnonzero(judged).tolist()]
    return {
        "f1": round(f1(said, present), 4),
        "polarity_accuracy": round(float(np.mean(right)), 4) if right else None,
        "n": int(present.sum()),
    }


def compare(path: Path, limit: int) -> dict[str, Any]:
    """Ours beside SnowNLP, and cnsenti if it is installed, on the first `limit` polar rows, one text at a time."""
    rows = [row for row in read_rows(path) if row["label"] in ("0", "1")][:limit]
    texts = [row["text"] for row in rows]
    labels = np.array([int(row["label"]) for row in rows])
    report: dict[str, Any] = {"n": len(rows)}
    for name, score in _programs().items():
        probabilities, per_second = _one_at_a_time(texts, score)
        report[name] = {
            "accuracy": round(accuracy((probabilities >= 0.5).astype(int), labels), 4),
            "docs_per_second": round(per_second, 1),
        }
    report["times_snownlp"] = round(
        report["ours"]["docs_per_second"] / report["snownlp"]["docs_per_second"], 1
    )
    return report


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
