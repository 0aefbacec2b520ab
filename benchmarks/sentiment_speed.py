"""How fast the sentiment engine reads texts of about 70 characters, one at a time, beside SnowNLP in the same run.

    python benchmarks/sentiment_speed.py [--texts FILE.tsv] [--count 3000]

Prints texts a second for polarity alone, for the whole answer and for SnowNLP, and the cost of importing the engine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from socialcrm.sentiment.corpus import challenge, read_rows
from socialcrm.sentiment.engine import analyse, probability

IMPORT = (
    "import resource, time; began = time.perf_counter(); import socialcrm.sentiment.engine as engine; "
    "took = time.perf_counter() - began; engine.analyse('好'); "
    "print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
)


def per_second(act: Callable[[str], object], texts: list[str], rounds: int = 3) -> float:
    """The best of some rounds, after a warm-up."""
    for text in texts[:100]:
        act(text)
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for text in texts:
            act(text)
        best = min(best, time.perf_counter() - began)
    return len(texts) / best


def own_texts() -> list[str]:
    """Texts of 60 to 80 characters made of the challenge set's sentences."""
    sentences = [text for part in ("tune", "test") for text, _, _ in challenge(part)]
    joined = ["，".join(sentences[start : start + 6])[:71] for start in range(len(sentences) - 6)]
    return [text for text in joined if len(text) >= 60]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, help="a TSV with a column text; own sentences when not given")
    parser.add_argument("--count", type=int, default=3000)
    options = parser.parse_args()
    texts = own_texts()
    if options.texts:
        texts = [row["text"] for row in read_rows(options.texts) if 60 <= len(row["text"]) <= 80]
    texts = texts[: options.count]
    took, memory = subprocess.run(
        [sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True
    ).stdout.split()
    from snownlp import SnowNLP

    polarity = per_second(probability, texts)
    snownlp = per_second(lambda text: SnowNLP(text).sentiments, texts[:100], rounds=1)
    report = {
        "texts": len(texts),
        "polarity_per_second": round(polarity),
        "whole_answer_per_second": round(per_second(analyse, texts)),
        "snownlp_per_second": round(snownlp, 1),
        "times_snownlp": round(polarity / snownlp, 1),
        "import_seconds": round(float(took), 3),
        "memory_mb_after_first_answer": round(float(memory), 1),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
