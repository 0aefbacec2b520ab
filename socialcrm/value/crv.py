"""Customer referral value. Pure.

Sources: Kumar, Petersen & Leone, Journal of Marketing 74(5), 2010, doi 10.1509/jmkg.74.5.001: what a referred
customer of type one (would not have come otherwise) brings is the sum over periods t of
(A_t − a_t − M_t + ACQ1_t) / (1+r)^t with margin A, incentive a, retention marketing M and saved acquisition cost
ACQ1; a customer of type two (would have come anyway) brings ACQ2. As published, CRV counts direct referrals only;
the multi-level policies weigh deeper levels by a decay, and the path split conserves the total.
Money is in any one unit; a negative V is negative word of mouth or refunds beyond margins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def discount_factors(rate: float, periods: int) -> list[float]:
    """1/(1+r)^t for t = 1 … periods."""
    return [1 / (1 + rate) ** t for t in range(1, periods + 1)]


def present_value(amounts: Sequence[float], rate: float) -> float:
    """Sum of amounts discounted, the first one period away."""
    return sum(
        amount * factor for amount, factor in zip(amounts, discount_factors(rate, len(amounts)), strict=True)
    )


@dataclass(frozen=True)
class Person:
    """One node: who brought the person, of which type, and the published formula's inputs per period."""

    id: str
    referrer: str | None
    #: one, two, negative, void or organic.
    type: str
    margin: Sequence[float]
    marketing: Sequence[float]
    #: Incentive, saved acquisition costs: in period 1 only.
    incentive: float = 0.0
    saved_one: float = 0.0
    saved_two: float = 0.0


def own_amounts(person: Person) -> list[float]:
    """What the person contributes to the referrer in each period, undiscounted; zeros for void and organic."""
    periods = len(person.margin)
    earned = [a - m for a, m in zip(person.margin, person.marketing, strict=True)]
    if person.type == "one":
        return [earned[0] - person.incentive + person.saved_one, *earned[1:]] if periods else []
    if person.type == "two":
        return [person.saved_two] + [0.0] * (periods - 1)
    if person.type == "negative":
        return [-value for value in earned]
    return [0.0] * periods


def children_of(people: Sequence[Person]) -> dict[str, list[str]]:
    """Referrer → referred, valid edges only (a void edge carries nothing and passes nothing)."""
    children: dict[str, list[str]] = {}
    for person in people:
        if person.referrer is not None and person.type != "void":
            children.setdefault(person.referrer, []).append(person.id)
    return children


def level_sums(values: Mapping[str, float], children: Mapping[str, Sequence[str]], root: str) -> list[float]:
    """Sum of values per level below `root`; level 1 first."""
    sums: list[float] = []
    level = list(children.get(root, ()))
    while level:
        sums.append(sum(values[person] for person in level))
        level = [below for person in level for below in children.get(person, ())]
    return sums


def direct(levels: Sequence[float]) -> float:
    """The published CRV: level one only."""
    return levels[0] if levels else 0.0


def geometric(levels: Sequence[float], decay: float, cap: int | None = None) -> float:
    """Σ decay^(level−1) · level sum, down to `cap` levels (None: all)."""
    return sum(value * decay**depth for depth, value in enumerate(levels[:cap]))


def pass_through(
    values: Mapping[str, float],
    children: Mapping[str, Sequence[str]],
    types: Mapping[str, str],
    root: str,
    decay: float,
) -> float:
    """S = Σ (V_c + decay · p_c · S_c), p = 1 for type one only: who would have come anyway brings own friends anyway."""
    order = [root]
    for person in order:
        order.extend(children.get(person, ()))
    sums: dict[str, float] = {}
    for person in reversed(order):
        sums[person] = sum(
            values[child] + (decay * sums[child] if types[child] == "one" else 0.0)
            for child in children.get(person, ())
        )
    return sums[root]


def path_split(
    values: Mapping[str, float], children: Mapping[str, Sequence[str]], roots: Sequence[str]
) -> dict[str, float]:
    """Every V split equally over all valid ancestors (the Shapley value of the path): sums to the total of all V."""
    shares: dict[str, float] = {}
    stack: list[tuple[str, tuple[str, ...]]] = [(root, ()) for root in roots]
    while stack:
        person, above = stack.pop()
        if above:
            for ancestor in above:
                shares[ancestor] = shares.get(ancestor, 0.0) + values[person] / len(above)
        stack.extend((child, (*above, person)) for child in children.get(person, ()))
    return shares
