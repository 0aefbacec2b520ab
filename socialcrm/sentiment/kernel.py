"""The fast part of the engine: character n-grams of a folded text, looked up in a table of learned features.

An n-gram (1–4 characters, with marks for the text's beginning and end) hashes to 32 bits: 22 choose a slot,
10 confirm it. One matrix product hashes all n-grams of a text; one `take` finds their rows, and one more their weights.
Each call into NumPy costs about a microsecond whatever it does, so there are as few as possible.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 4
_SLOT_BITS, _CHECK_BITS = 22, 10
_CHECK_SHIFT = np.uint32(_CHECK_BITS)
_ROW_SHIFT = np.uint32(_CHECK_BITS + 1)
_CHECK = np.uint32((1 << (_CHECK_BITS + 1)) - 1)
_TO_SLOT = np.int64(64 - _SLOT_BITS)
BEGIN, END = 1, 2
PADDING = LONGEST - 1
MARKS = 2 + PADDING


def _multipliers() -> NDArray[np.int64]:
    """Odd 64-bit constants by SplitMix64, column n for n-grams of n + 1 characters."""
    state, values = 20261122, []
    for _ in range(LONGEST * LONGEST):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) % 2**64
        values.append((mixed ^ (mixed >> 31)) | 1)
    return np.triu(np.array(values, dtype=np.uint64).reshape(LONGEST, LONGEST)).view(np.int64)


_MULTIPLIERS = _multipliers()


def buffer_of(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Code points with begin and end marks, and zeros so that a window may start at every place."""
    buffer = np.zeros(len(codes) + MARKS, dtype=np.uint64)
    buffer[0] = BEGIN
    buffer[1 : len(codes) + 1] = codes
    buffer[len(codes) + 1] = END
    return buffer


def ngram_total(characters: int) -> int:
    """How many n-grams a text of so many folded characters has, with its begin and end marks."""
    places = characters + 2
    if places < PADDING:
        return sum(range(places + 1))
    return LONGEST * places - LONGEST * PADDING // 2


def hashes(buffer: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Hashes [places, LONGEST] of the n-grams that start at each place of `buffer` but its last zeros."""
    return _hashes(buffer).view(np.uint32)[:, 1::2]


def _hashes(buffer: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The same as 64 bits, of which the upper half counts."""
    windows = np.ndarray((len(buffer) - PADDING, LONGEST), np.int64, buffer, 0, (8, 8))
    full: NDArray[np.int64] = windows @ _MULTIPLIERS
    return full


def slots_of(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The slot of each hash; two features in one slot cannot both be kept."""
    return keys >> _CHECK_SHIFT


class Table:
    """Finds the row of each n-gram among `keys` (uint32 hashes, distinct slots): row i + 1 for keys[i]."""

    def __init__(self, keys: NDArray[np.uint32]) -> None:
        # An entry holds a row and the lowest bits of its key. One of them is the slot's own lowest bit, so that an
        # empty slot can hold the opposite and be like no key.
        self._slots = np.empty(1 << _SLOT_BITS, dtype=np.uint32)
        self._slots[0::2] = np.uint32(1 << _CHECK_BITS)
        self._slots[1::2] = 0
        rows = np.arange(1, len(keys) + 1, dtype=np.uint32)
        self._slots[slots_of(keys)] = (rows << _ROW_SHIFT) | (keys & _CHECK)

    def find(self, buffer: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """(at, rows) of the n-grams of `buffer` that are known; n-gram length − 1 of place p is at p · LONGEST + length − 1."""
        full = _hashes(buffer).ravel()
        # A slot below zero counts from the end, which is where it lies as an unsigned number.
        entries = self._slots.take(full >> _TO_SLOT)
        differences = entries ^ full.view(np.uint32)[1::2]
        differences &= _CHECK
        at = np.logical_not(differences).nonzero()[0]
        return at, entries.take(at) >> _ROW_SHIFT


class Weights:
    """Rows of small integers [rows, columns], a byte each, kept so that one `take` fetches whole rows.

    Row 0 and all rows beyond the last weigh nothing.
    """

    def __init__(self, parts: Sequence[NDArray[np.int8]]) -> None:
        columns = sum(part.shape[1] for part in parts)
        #: Padded, so that rows lie evenly.
        self.columns = -(-columns // 8) * 8
        self._rows = np.zeros((len(parts[0]) + 2, self.columns), dtype=np.int8)
        self._rows[1:-1, :columns] = np.concatenate(parts, axis=1)

    def of(self, rows: NDArray[np.uint32]) -> NDArray[np.float32]:
        """The weights of `rows`, as whole numbers [rows, padded columns]."""
        return self._rows.take(rows, axis=0, mode="clip").astype(np.float32)
