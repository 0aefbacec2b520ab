"""How often staff agree with the engine: its answers of a time beside what staff corrected in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: From this probability on the engine's answer counts as a complaint.
COMPLAINT_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """The correction in force of one question on one opinion. `engine` is what the engine had said.

    `what` is polarity, aspect (of `aspect`; `engine` None: it had not found it) or complaint (yes or no).
    """

    what: str
    aspect: str | None
    value: str
    engine: str | None

    @property
    def agrees(self) -> bool:
        """Whether staff said the same."""
        return self.value == (self.engine or "absent")


@dataclass(frozen=True, slots=True)
class Row:
    """`texts` the engine answered so; of them staff changed `changed` and confirmed `confirmed`; `missed`: it had not found."""

    name: str
    texts: int
    changed: int
    confirmed: int
    missed: int = 0

    @property
    def share_changed(self) -> float | None:
        """Share of the texts that staff changed, 0–1; None without texts."""
        return self.changed / self.texts if self.texts else None


def by_polarity(texts: Mapping[str, int], said: Iterable[Said]) -> list[Row]:
    """A row per polarity that the engine gave."""
    about = [each for each in said if each.what == "polarity"]
    return [
        _row(name, texts.get(name, 0), [each for each in about if each.engine == name])
        for name in ("negative", "neutral", "positive", "unsure")
    ]


def by_aspect(texts: Mapping[str, int], said: Iterable[Said]) -> list[Row]:
    """A row per aspect that was found or that staff spoke of, the most corrected first."""
    about = [each for each in said if each.what == "aspect" and each.aspect]
    names = dict.fromkeys([*texts, *(str(each.aspect) for each in about)])
    rows = [_row(name, texts.get(name, 0), [each for each in about if each.aspect == name]) for name in names]
    return sorted(rows, key=lambda row: (-row.changed - row.missed, -row.texts, row.name))


def of_complaints(texts: int, said: Iterable[Said]) -> Row:
    """The one row of complaints: `missed` are complaints that the engine had not seen."""
    about = [each for each in said if each.what == "complaint"]
    found = [each for each in about if each.engine == "yes"]
    missed = sum(each.engine == "no" and each.value == "yes" for each in about)
    return Row("complaint", texts, *_counts(found), missed)


def _row(name: str, texts: int, about: list[Said]) -> Row:
    found = [each for each in about if each.engine is not None]
    missed = sum(each.engine is None and not each.agrees for each in about)
    return Row(name, texts, *_counts(found), missed)


def _counts(found: list[Said]) -> tuple[int, int]:
    changed = sum(not each.agrees for each in found)
    return changed, len(found) - changed
