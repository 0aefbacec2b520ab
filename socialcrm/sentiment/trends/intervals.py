"""How sure a share is. Pure."""

from __future__ import annotations

from math import sqrt

#: Two-sided 95 %.
Z = 1.959964


def wilson(count: int, total: int, z: float = Z) -> tuple[float, float]:
    """The score interval (low, high) of a share `count / total`; (0, 1) when there is nothing to go by.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if total == 0:
        return 0.0, 1.0
    share, weight = count / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    # Rounding leaves a hair below 0 or above 1 at the ends.
    low = 0.0 if count == 0 else max(0.0, middle - half)
    return low, 1.0 if count == total else min(1.0, middle + half)
