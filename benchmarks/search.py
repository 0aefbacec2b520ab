"""How fast things are found and put into the index, on either engine, with 20,000 made-up posts.

    .venv/bin/python -m benchmarks.search              SQLite FTS5
    .venv/bin/python -m benchmarks.search --full       a private Elasticsearch

Prints documents indexed a second (one process, tokens included) and, over the 50 shared queries asked by a member of
all groups, the median and 95th percentile of a whole answer: selection, ranking, excerpts.

Last results, 20,000 posts, two shared cores that others used at the same time, the better of two runs:

| engine        | documents/s | median ms | p95 ms |
|---------------|-------------|-----------|--------|
| SQLite FTS5   | 715         | 31        | 58     |
| Elasticsearch | 762         | 139       | 236    |
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from socialcrm.search.documents import Document, Viewer, for_group
from socialcrm.search.engine import Engine
from socialcrm.search.queries import search_with
from tests.search.conftest import elastic_engine, settle, sqlite_engine
from tests.search.corpus import BODIES, QUERIES, START, TITLES
from tests.servers.elasticsearch import elasticsearch

GROUPS = 8


def posts(number: int) -> Iterator[Document]:
    """Topics and replies of one to four sentences; the same on every run."""
    chance = random.Random(7)
    for index in range(1, number + 1):
        kind = "topic" if index % 5 == 0 else "reply"
        body = "".join(chance.sample(BODIES, chance.randint(1, 4)))
        group = index % GROUPS
        at = START + timedelta(minutes=index)
        yield Document(
            kind, index, chance.choice(TITLES), body, f"/posts/{index}", for_group(group), at, group
        )


def measure(engine: Engine, number: int) -> dict[str, float]:
    """Documents a second, and milliseconds of an answer."""
    documents = list(posts(number))
    began = time.perf_counter()
    for at in range(0, number, 500):
        engine.put(documents[at : at + 500], time.time_ns())
    rate = number / (time.perf_counter() - began)
    settle(engine)
    viewer = Viewer(frozenset(range(GROUPS)))
    taken = []
    for text in QUERIES:
        began = time.perf_counter()
        search_with(engine, text, viewer)
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "documents/s": rate,
        "median ms": statistics.median(taken),
        "p95 ms": statistics.quantiles(taken, n=20)[18],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="measure Elasticsearch instead of FTS5")
    parser.add_argument("--documents", type=int, default=20_000)
    options = parser.parse_args()
    if options.full:
        with elasticsearch() as url, elastic_engine(url) as engine:
            figures = measure(engine, options.documents)
    else:
        with tempfile.TemporaryDirectory() as folder, sqlite_engine(Path(folder)) as engine:
            figures = measure(engine, options.documents)
    print(" · ".join(f"{name} {value:,.0f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
