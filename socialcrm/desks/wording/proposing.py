"""A word or an aspect that is not saved yet, and which texts would be read differently with it. No database but for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...accounts.models import Account
from ...sentiment.brand import Brand
from ...sentiment.learning.queries import (
    active_version,
    brand_in_force,
    brand_with,
    layer_of_version,
    own_aspects,
    own_words,
)
from ...sentiment.learning.wording import AspectWords, OwnWord, folded
from ..learning.comparing import SoFar, next_bit


@dataclass(frozen=True)
class Proposal:
    """The brand as it would read, and the words without which a text cannot change (none: any text may)."""

    brand: Brand | None
    words: tuple[str, ...]

    def concerns(self, text: str) -> bool:
        """Whether it could change a text at all."""
        if not self.words:
            return True
        read = folded(text)
        return any(word in read for word in self.words)


def with_word(word: OwnWord) -> Proposal:
    """The brand with one more word, or with another meaning of it."""
    kept = [each for each in own_words() if each.word != word.word]
    return Proposal(brand_with([*kept, word], own_aspects(), _layer()), (word.word,))


def with_aspect(aspect: AspectWords) -> Proposal:
    """The brand with one more aspect, or another form of it."""
    own = own_aspects()
    kept = [each for each in own if each.name != aspect.name]
    # What it is and what it was may each change a text.
    forms = [aspect, *(each for each in own if each.name == aspect.name)]
    words = (
        () if any(each.examples for each in forms) else tuple(word for each in forms for word in each.words)
    )
    return Proposal(brand_with(own_words(), [*kept, aspect], _layer()), words)


def _layer() -> Any:
    active = active_version()
    return layer_of_version(active.id) if active else None


def difference(account: Account, proposal: Proposal, so_far: SoFar) -> dict[str, Any]:
    """The next bit of what the proposal would change, as the fragment of changes shows it."""
    return next_bit(account, brand_in_force(), proposal.brand, so_far, proposal.concerns)
