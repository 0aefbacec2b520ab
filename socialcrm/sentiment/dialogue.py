"""The mood of a dialogue: each customer turn's opinion and the line they draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socialcrm.sentiment.engine import Opinion, analyse, dissatisfaction
from socialcrm.sentiment.mood import sigmoid

_MEMORY = 0.5  # share of the mood before a turn that lasts through it


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Opinions of the customer's turns in order; `mood` −1..1 after each turn; `dissatisfied` a probability."""

    turns: list[Opinion]
    mood: list[float]
    dissatisfied: float


def analyse_dialogue(turns: Sequence[str]) -> Dialogue:
    """Read the customer's turns of one service dialogue, oldest first; no turns give an even mood."""
    opinions = [analyse(turn, channel="chat") for turn in turns]
    mood: list[float] = []
    for opinion in opinions:
        felt = 0.0 if opinion.polarity in ("neutral", "unsure") else 2 * opinion.probability - 1
        mood.append(_MEMORY * mood[-1] + (1 - _MEMORY) * felt if mood else felt)
    return Dialogue(opinions, mood, sigmoid(dissatisfaction("\n".join(turns))) if turns else 0.0)
