"""The texts behind the counts, from the areas that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...accounts.models import Account
from ...sentiment.events import OpinionForgotten, TextRescored, TextScored
from ...sentiment.models import OpinionRow
from ...sentiment.trends.hearing import Heard, Said, hear
from ..texts import StandingText, readable_texts, texts_with_places


def hear_events(events: Sequence[TextScored | TextRescored | OpinionForgotten]) -> list[Heard]:
    """What the texts of these events speak of now; slow, before the transaction."""
    return hear_texts([(event.opinion_id, event.subject, event.subject_id) for event in events])


def hear_texts(texts: Iterable[tuple[int, str, int]]) -> list[Heard]:
    """For each (opinion id, subject, subject id) what it speaks of; at most five queries."""
    wanted = {opinion_id: (subject, number) for opinion_id, subject, number in texts}
    standing = {key: text for key, text in texts_with_places(wanted.values()).items() if text.stands}
    said = {
        opinion_id: _said(opinion_id, standing[key]) for opinion_id, key in wanted.items() if key in standing
    }
    return hear(wanted, said)


def _said(opinion_id: int, text: StandingText) -> Said:
    group_id = text.words.place_id if text.words.place == "group" else 0
    return Said(opinion_id, text.words.text, text.title, group_id)


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text as the list shows it: without who wrote it, which its own page tells to those who may know."""

    opinion: OpinionRow
    text: str
    #: Where it was said, and the way there.
    where: str
    url: str


def shown_texts(account: Account, opinions: Sequence[OpinionRow]) -> list[ShownText]:
    """The texts this person may read, in the same order; at most three queries."""
    texts = readable_texts(account, ((opinion.subject, opinion.subject_id) for opinion in opinions))
    return [
        ShownText(opinion, text.words.text, text.title, text.url)
        for opinion in opinions
        if (text := texts.get((opinion.subject, opinion.subject_id)))
    ]
