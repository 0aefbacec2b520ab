"""Of bursts that are one story, one is told."""

from __future__ import annotations

from datetime import date

import pytest

from socialcrm.sentiment.trends.spikes import Burst, told_once


def burst(group_id: int, aspect: str, negatives: int, p: float = 1e-6) -> Burst:
    return Burst(
        group_id, aspect, date(2026, 11, 18), negatives, negatives, 0.0, 0.3, "volume", p, "seasonal"
    )


@pytest.mark.parametrize(
    ("found", "told"),
    [
        # One group has most of it: the group's is told.
        ([burst(0, "配送", 24), burst(3, "配送", 20)], [(3, "配送")]),
        # It is everywhere: the whole brand's is told.
        ([burst(0, "配送", 24), burst(3, "配送", 8), burst(4, "配送", 9)], [(0, "配送")]),
        # One aspect is most of what is said: the aspect is told.
        ([burst(3, "", 30), burst(3, "配送", 20)], [(3, "配送")]),
        # No aspect is: the texts as wholes are.
        ([burst(3, "", 30), burst(3, "配送", 9), burst(3, "客服", 6)], [(3, "")]),
        # Two stories of one day are two.
        ([burst(3, "配送", 20), burst(4, "口味", 9)], [(3, "配送"), (4, "口味")]),
        ([], []),
    ],
)
def test_one_story_is_one_spike(found: list[Burst], told: list[tuple[int, str]]) -> None:
    assert [(each.group_id, each.aspect) for each in told_once(found)] == told
