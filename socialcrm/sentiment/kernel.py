"""The fast part of the engine: character n-grams of a folded text, looked up in a table of learned features.

An n-gram (1–4 characters, with marks for the text's beginning and end) hashes to 32 bits: 22 choose a slot,
10 confirm it. One matrix product hashes all n-grams of a text; one `take` finds their rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONGEST = 4
_SLOT_BITS, _CHECK_BITS = 22, 10
_CHECK = np.uint32((1 << _CHECK_BITS) - 1)
_CHECK_SHIFT = np.uint32(_CHECK_BITS)
_BEGIN, _END = 1, 2
PADDING = LONGEST - 1


def _multipliers() -> NDArray[np.uint64]:
    """Odd 64-bit constants by SplitMix64, column n for n-grams of n + 1 characters."""
    state, values = 20261122, []
    for _ in range(LONGEST * LONGEST):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) % 2**64
        values.append((mixed ^ (mixed >> 31)) | 1)
    return np.triu(np.array(values, dtype=np.uint64).reshape(LONGEST, LONGEST))


_MULTIPLIERS = _multipliers()


def buffer_of(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Code points with begin and end marks, and zeros so that a window may start at every place."""
    buffer = np.zeros(len(codes) + 2 + PADDING, dtype=np.uint64)
    buffer[0] = _BEGIN
    buffer[1 : len(codes) + 1] = codes
    buffer[len(codes) + 1] = _END
    return buffer


def ngram_total(characters: int) -> int:
    """How many n-grams a text of so many folded characters has, with its begin and end marks."""
    places = characters + 2
    return sum(max(places - step, 0) for step in range(LONGEST))


def hashes(buffer: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Hashes [places, LONGEST] of the n-grams that start at each place of `buffer` but its last zeros."""
    places = len(buffer) - PADDING
    windows = np.ndarray((places, LONGEST), np.uint64, buffer, 0, (8, 8))
    full: NDArray[np.uint64] = windows @ _MULTIPLIERS
    return full.view(np.uint32)[:, 1::2]


def slots_of(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The slot of each hash; two features in one slot cannot both be kept."""
    return keys >> _CHECK_SHIFT


class Table:
    """Finds the row of each n-gram among `keys` (uint32 hashes, distinct slots): row i + 1 for keys[i], else 0."""

    def __init__(self, keys: NDArray[np.uint32]) -> None:
        self._slots = np.zeros(1 << _SLOT_BITS, dtype=np.uint32)
        rows = np.arange(1, len(keys) + 1, dtype=np.uint32)
        self._slots[slots_of(keys)] = (rows << _CHECK_SHIFT) | (keys & _CHECK)

    def rows(self, buffer: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """Rows [places, LONGEST] of the n-grams of `buffer`; 0 where the n-gram is not known."""
        found = hashes(buffer)
        entries = self._slots.take(found >> _CHECK_SHIFT)
        known = ((entries ^ found) & _CHECK) == 0
        rows: NDArray[np.uint32] = (entries >> _CHECK_SHIFT) * known
        return rows
