"""How well are aspects found and judged in texts that the heads have not seen? Cross-validation of the code as it is.

    python -m benchmarks.sentiment_aspects --data DIR --folds 5

Every aspect file of DIR is dealt into folds by text; for each fold the aspects' heads and joints are trained anew on the
rest, upon the committed experts, and the engine reads the fold. Columns keep their own names.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from socialcrm.sentiment import aspects, build, engine, evaluation, model
from socialcrm.sentiment.corpus import read_rows

SEED = 11
OFTEN = 46  # marks from which a column's F1 says something
Rows = list[dict[str, str]]


def main() -> None:
    """Print F1 and polarity accuracy per column and their means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    base = Path(model.__file__).parent / "data" / "model.npz"
    files = {
        path.name: rows
        for path in sorted(given.data.glob("*.tsv"))
        if _columns(rows := list(read_rows(path)))
    }
    fold_of = {name: _dealt(len(rows), given.folds) for name, rows in files.items()}
    found: dict[str, list[dict[str, float]]] = {name: [{} for _ in rows] for name, rows in files.items()}
    for fold in range(given.folds):
        trained = _without(fold, files, fold_of, base)
        vars(engine)["default_model"] = partial(_give, trained)
        for name, rows in files.items():
            for index, row in enumerate(rows):
                if fold_of[name][index] == fold:
                    found[name][index] = engine.all_aspects(row["text"])
        print(f"fold {fold + 1} of {given.folds}", flush=True)
    for name, rows in files.items():
        _tell(name, rows, found[name])


def _give(trained: model.Model) -> model.Model:
    return trained


def _columns(rows: Rows) -> list[str]:
    return [each for each in aspects.columns() if rows and each in rows[0]]


def _dealt(count: int, folds: int) -> list[int]:
    dealt = [index % folds for index in range(count)]
    random.Random(SEED).shuffle(dealt)
    return dealt


def _without(fold: int, files: dict[str, Rows], fold_of: dict[str, list[int]], base: Path) -> model.Model:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, rows in files.items():
            kept = [row for row, own in zip(rows, fold_of[file], strict=True) if own != fold]
            lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in kept)]
            (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        arrays, card = build.refit(base, [folder], ["aspects"], partial(print, end="\r"))
        model.save(folder / "model.npz", arrays, card)
        return model.load(folder / "model.npz")


def _tell(name: str, rows: Rows, found: list[dict[str, float]]) -> None:
    known = aspects.columns()
    report: dict[str, dict[str, Any]] = {
        column: evaluation._one_aspect(known[column], [column], rows, found) for column in _columns(rows)
    }
    often = [each for each in report.values() if each["n"] >= OFTEN]
    print(
        f"{name}: mean F1 of all {np.mean([each['f1'] for each in report.values()]):.3f}, of the {len(often)} frequent"
    )
    print(
        f"  {np.mean([each['f1'] for each in often]):.3f}; their polarity, mean {np.mean([each['polarity_accuracy'] for each in often]):.3f}"
    )
    for column, each in report.items():
        print(f"  {column}\t{each}")


if __name__ == "__main__":
    main()
