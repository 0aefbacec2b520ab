"""CRV under five policies against the hand-computed fixture, and what every policy must hold for any forest."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.value.crv import (
    Person,
    children_of,
    direct,
    geometric,
    level_sums,
    own_amounts,
    pass_through,
    path_split,
    present_value,
)

FIXTURE: dict[str, Any] = json.loads((Path(__file__).parent / "referral_fixture.json").read_text())
RATE = float(FIXTURE["meta"]["discount_rate_per_period"])
PEOPLE = [
    Person(
        id=row["id"],
        referrer=row["referrer"],
        type="void" if row["type"].startswith("void") else row["type"],
        margin=row["margin"],
        marketing=row["marketing_cost"],
        incentive=row["referral_cost_t1"],
        saved_one=row["acq_saving_type1_t1"],
        saved_two=row["acq_saving_type2_t1"],
    )
    for row in FIXTURE["people"]
]
VALUES = {person.id: present_value(own_amounts(person), RATE) for person in PEOPLE}
CHILDREN = children_of(PEOPLE)
TYPES = {person.id: person.type for person in PEOPLE}
ROOTS = [person.id for person in PEOPLE if person.referrer is None or person.type == "void"]


def test_the_value_of_each_referred_person() -> None:
    expected = {name: float(value) for name, value in FIXTURE["value_of_each_referred_person"].items()}
    assert pytest.approx(expected) == VALUES


@pytest.mark.parametrize("name", list(FIXTURE["expected_crv"]))
def test_the_policies(name: str) -> None:
    expected = FIXTURE["expected_crv"][name]
    levels = level_sums(VALUES, CHILDREN, name)
    assert levels == pytest.approx([float(v) for v in expected["level_sums"]][: len(levels)])
    assert direct(levels) == pytest.approx(float(expected["direct"]))
    assert geometric(levels, 0.5) == pytest.approx(float(expected["geometric_0_5_uncapped"]))
    assert geometric(levels, 0.5, 2) == pytest.approx(float(expected["geometric_0_5_cap2"]))
    through = pass_through(VALUES, CHILDREN, TYPES, name, 0.5)
    assert through == pytest.approx(float(expected["incremental_pass_through_0_5"]))
    shares = path_split(VALUES, CHILDREN, ROOTS)
    assert shares.get(name, 0.0) == pytest.approx(float(Fraction(expected["shapley_path_split"])))


@pytest.mark.parametrize("name", FIXTURE["expected_zero"])
def test_who_brought_nobody_is_worth_nothing_more(name: str) -> None:
    assert geometric(level_sums(VALUES, CHILDREN, name), 0.5) == 0


forests = st.lists(st.tuples(st.integers(0, 10**6), st.integers(-1000, 1000)), min_size=1, max_size=40)


@given(forests)
def test_the_path_split_conserves_the_total(nodes: list[tuple[int, int]]) -> None:
    children: dict[str, list[str]] = {}
    for number, (pick, _) in enumerate(nodes):
        if number:
            children.setdefault(str(pick % number), []).append(str(number))
    values = {str(number): float(value) for number, (_, value) in enumerate(nodes)}
    shares = path_split(values, children, ["0"])
    assert sum(shares.values()) == pytest.approx(sum(values.values()) - values["0"], abs=1e-6)
