"""The texts behind the counts, from the areas that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...channels.queries import texts_of_messages
from ...community.queries import facts_of_posts
from ...sentiment.events import OpinionForgotten, TextRescored, TextScored
from ...sentiment.trends.hearing import Heard, Said, hear


def hear_events(events: Sequence[TextScored | TextRescored | OpinionForgotten]) -> list[Heard]:
    """What the texts of these events speak of now; slow, before the transaction."""
    return hear_texts([(event.opinion_id, event.subject, event.subject_id) for event in events])


def hear_texts(texts: Iterable[tuple[int, str, int]]) -> list[Heard]:
    """For each (opinion id, subject, subject id) what it speaks of; five queries."""
    wanted = list(dict.fromkeys(texts))
    posts = facts_of_posts([number for _, subject, number in wanted if subject == "post"])
    messages = texts_of_messages([number for _, subject, number in wanted if subject == "message"])
    said: dict[int, Said] = {}
    for opinion_id, subject, number in wanted:
        if subject == "post" and number in posts and posts[number].state == "published":
            post = posts[number]
            said[opinion_id] = Said(opinion_id, post.text, post.topic_title, post.group_id)
        elif subject == "message" and number in messages:
            said[opinion_id] = Said(opinion_id, messages[number], "", 0)
    return hear((opinion_id for opinion_id, _, _ in wanted), said)
