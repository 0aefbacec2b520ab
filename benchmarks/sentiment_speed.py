"""How fast the sentiment engine reads texts of about 70 characters, beside SnowNLP in the same run, and what it weighs.

    python -m benchmarks.sentiment_speed [--texts FILE.tsv] [--count 2000] [--json]

Rounds of every reader alternate, and the best of each counts, by processor time of this process and by the clock, so that
what else runs on the machine disturbs little. Import and memory are measured in fresh interpreters.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from socialcrm.sentiment.corpus import challenge, read_rows
from socialcrm.sentiment.engine import analyse, analyse_batch, probabilities, probability

IMPORT = """
import resource, time
clock, processor = time.perf_counter(), time.process_time()
import socialcrm.sentiment.engine as engine
imported = time.perf_counter() - clock, time.process_time() - processor
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
engine.analyse("好")
print(*imported, time.perf_counter() - clock, time.process_time() - processor, memory,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
#: (figure, bar, whether more is better)
BARS = [
    ("polarity_per_second", 20_000, True),
    ("polarity_in_batches_per_second", 100_000, True),
    ("whole_answer_per_second", 5_000, True),
    ("times_snownlp", 100, True),
    ("import_seconds", 0.3, False),
    ("memory_mb_after_import", 120, False),
    ("memory_mb_after_first_answer", 120, False),
]
ROUNDS = 5
Reader = Callable[[list[str]], object]


def rates(readers: dict[str, tuple[Reader, list[str]]]) -> dict[str, tuple[float, float]]:
    """Texts a second of each reader over its texts: (by processor time, by the clock), each the best of the rounds."""
    best = {name: (float("inf"), float("inf")) for name in readers}
    for _ in range(ROUNDS):
        for name, (reader, texts) in readers.items():
            clock, processor = time.perf_counter(), time.process_time()
            reader(texts)
            took = time.process_time() - processor, time.perf_counter() - clock
            best[name] = min(best[name][0], took[0]), min(best[name][1], took[1])
    return {
        name: (len(readers[name][1]) / own[0], len(readers[name][1]) / own[1]) for name, own in best.items()
    }


def own_texts() -> list[str]:
    """Texts of 60 to 80 characters made of the challenge set's sentences."""
    sentences = [text for part in ("tune", "test") for text, _, _ in challenge(part)]
    joined = ["，".join(sentences[start : start + 6])[:71] for start in range(len(sentences) - 6)]
    return [text for text in joined if len(text) >= 60]


def texts_of(path: Path | None, count: int) -> list[str]:
    """`count` texts of 60 to 80 characters, evenly from all over the file; own ones without a file."""
    texts = own_texts()
    if path is not None:
        texts = [row["text"] for row in read_rows(path) if 60 <= len(row["text"]) <= 80]
    count = min(count, len(texts))
    return [texts[index * len(texts) // count] for index in range(count)]


def one_by_one(act: Callable[[str], object]) -> Reader:
    return lambda texts: [act(text) for text in texts]


def fresh() -> dict[str, float]:
    """Seconds and MB of importing the engine and of its first answer, each the least of some fresh interpreters."""
    names = [
        "import_seconds",
        "import_processor_seconds",
        "first_answer_seconds",
        "first_answer_processor_seconds",
        "memory_mb_after_import",
        "memory_mb_after_first_answer",
    ]
    runs = [
        subprocess.run(
            [sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(ROUNDS)
    ]
    return {
        name: min(map(float, values)) for name, values in zip(names, zip(*runs, strict=True), strict=True)
    }


def measure(texts: list[str]) -> dict[str, float]:
    """All figures over `texts`."""
    from snownlp import SnowNLP

    found = rates(
        {
            "polarity_per_second": (one_by_one(probability), texts),
            "polarity_in_batches_per_second": (probabilities, texts),
            "whole_answer_per_second": (one_by_one(analyse), texts),
            "whole_answer_in_batches_per_second": (analyse_batch, texts),
            "snownlp_per_second": (one_by_one(lambda text: SnowNLP(text).sentiments), texts[:60]),
        }
    )
    figures: dict[str, float] = {"texts": len(texts), "characters": sum(map(len, texts)) / len(texts)}
    figures |= {name: by_processor for name, (by_processor, _) in found.items()}
    figures |= {f"{name}_by_the_clock": by_clock for name, (_, by_clock) in found.items()}
    figures["times_snownlp"] = figures["polarity_per_second"] / figures["snownlp_per_second"]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, help="a TSV with a column text; own sentences when not given")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    figures = fresh() | measure(texts_of(options.texts, options.count))
    figures |= {"load_before": before, "load_after": os.getloadavg()[0]}
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:<50}{value:>12,.3f}" if value < 10 else f"{name:<50}{value:>12,.0f}")
    print()
    for name, bar, more in BARS:
        met = figures[name] >= bar if more else figures[name] <= bar
        print(
            f"{name:<50}{figures[name]:>12,.2f}{'≥' if more else '≤':>4} {bar:<10,}{'met' if met else 'missed'}"
        )


if __name__ == "__main__":
    main()
