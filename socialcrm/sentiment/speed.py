"""How fast the engine reads on this very machine: texts of about 70 characters, one at a time."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import analyse, probability
from socialcrm.sentiment.model import default_model

#: Each of the two measurements reads for so long, in seconds.
READS_FOR = 1.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts a second: the polarity alone, and the whole answer."""

    polarity: int
    whole: int
    characters: int
    model_version: str
    processors: int
    machine: str

    def to_json(self) -> dict[str, Any]:
        """For keeping."""
        return asdict(self)


def measured_speed(seconds: float = READS_FOR) -> Speed:
    """Measure now; takes about twice `seconds`."""
    texts = own_texts()
    return Speed(
        polarity=round(per_second(probability, texts, seconds)),
        whole=round(per_second(analyse, texts, seconds)),
        characters=round(sum(map(len, texts)) / len(texts)),
        model_version=default_model().version,
        processors=os.cpu_count() or 1,
        machine=platform.machine(),
    )


def own_texts() -> list[str]:
    """Texts of 60 to 71 characters made of the challenge set's sentences."""
    sentences = [text for part in ("tune", "test") for text, _, _ in challenge(part)]
    joined = ["，".join(sentences[start : start + 6])[:71] for start in range(len(sentences) - 6)]
    return [text for text in joined if len(text) >= 60]


def per_second(read: Callable[[str], object], texts: Sequence[str], seconds: float) -> float:
    """How many texts `read` gets through in a second, over `seconds` after a warm-up."""
    for text in texts[:20]:
        read(text)
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        read(texts[done % len(texts)])
        done += 1
    return done / took
