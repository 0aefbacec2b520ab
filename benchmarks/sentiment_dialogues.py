"""How well are dissatisfied service dialogues told from others, among dialogues the head did not learn from?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sentiment_dialogues --data DIR/service_chat_stc3.tsv

In each of five folds the head and its joint are trained anew upon the committed model with the other four.
"""

from __future__ import annotations

import argparse
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from socialcrm.sentiment import build, model
from socialcrm.sentiment.corpus import folds_of, read_rows
from socialcrm.sentiment.measures import auc
from socialcrm.sentiment.service import dissatisfaction
from socialcrm.sentiment.training import SEED

FOLDS = 5
NEGATIVE_BELOW = -0.5


def main() -> None:
    """Print the area under the curve over all dialogues."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="A TSV with columns text and S.")
    rows = list(read_rows(parser.parse_args().data))
    dealt = folds_of([0] * len(rows), FOLDS, SEED)
    scores = np.zeros(len(rows))
    for number in range(FOLDS):
        trained = without([row for row, own in zip(rows, dealt, strict=True) if own != number])
        for place in np.flatnonzero(np.array(dealt) == number):
            scores[place] = dissatisfaction(rows[place]["text"], trained)
    truth = np.array([float(row["S"]) <= NEGATIVE_BELOW for row in rows])
    print(f"{len(rows)} dialogues, {truth.sum()} dissatisfied: AUC {auc(scores, truth):.3f}")


def without(rows: list[dict[str, str]]) -> model.Model:
    """The committed model with the head for dialogues learned from `rows` alone."""
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    with TemporaryDirectory() as name, as_file(files(build.__package__) / "data" / "model.npz") as base:
        folder = Path(name)
        (folder / "dialogues.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        arrays, card = build.refit(base, [folder], ["dialogue"], lambda _: None)
        model.save(folder / "model.npz", arrays, card)
        return model.load(folder / "model.npz")


if __name__ == "__main__":
    main()
