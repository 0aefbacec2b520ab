"""What a layer sees of a text: its n-grams of one to three folded characters, hashed into a small table.

A hash of its own, fixed for good: stored layers must mean the same tomorrow, however the engine's tables change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Slots of the table; a quarter of it is used by about 400 texts of 70 characters.
SLOTS = 1 << 15
LONGEST = 3
_SHIFT = np.uint64(64 - 15)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_SALTS = {"post": 0x2545, "review": 0x5A0D, "chat": 0x71B3}

Slots = NDArray[np.int64]


def slots_of(codes: NDArray[np.uint32], channel: str | None) -> list[Slots]:
    """Per length 1–3 the slots of the n-grams that start at each place of folded `codes`.

    A column for all channels, and with a known `channel` a second one of its own: [places, 1 or 2].
    """
    wide = codes.astype(np.uint64) + np.uint64(1)
    salt = _SALTS.get(channel or "")
    found = []
    mixed = np.zeros(len(wide), dtype=np.uint64)
    for length in range(1, LONGEST + 1):
        if len(wide) < length:
            break
        mixed = mixed[: len(wide) - length + 1] + wide[length - 1 :] * _FACTORS[length - 1]
        spread = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
        shared = (spread >> _SHIFT).astype(np.int64)
        found.append(shared[:, None] if salt is None else np.stack([shared, shared ^ salt], axis=1))
    return found


def scale_of(codes: NDArray[np.uint32]) -> float:
    """What each n-gram counts: one over the root of their number, so that long texts do not shout."""
    return scale_of_length(len(codes))


def scale_of_length(length: int) -> float:
    """`scale_of` a text of so many folded characters."""
    total = sum(max(length - step, 0) for step in range(LONGEST))
    return float(max(total, 1) ** -0.5)
