"""The texts behind the counts, from the areas that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...accounts.models import Account
from ...channels.queries import texts_of_messages
from ...community.access import readable_topics
from ...community.queries import facts_of_posts
from ...sentiment.events import OpinionForgotten, TextRescored, TextScored
from ...sentiment.models import OpinionRow
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


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text as the list shows it: without who wrote it, which its own page tells to those who may know."""

    opinion: OpinionRow
    text: str
    #: Where it was said, and the way there.
    where: str
    url: str


def shown_texts(account: Account, opinions: Sequence[OpinionRow]) -> list[ShownText]:
    """The texts this person may read, in the same order; three queries."""
    posts = facts_of_posts(_subjects(opinions, "post"))
    readable = readable_topics(account, {post.topic_id for post in posts.values()})
    messages = texts_of_messages(_subjects(opinions, "message")) if account.serves else {}
    shown = []
    for opinion in opinions:
        post = posts.get(opinion.subject_id) if opinion.subject == "post" else None
        if post is not None and post.topic_id in readable and post.state == "published":
            shown.append(ShownText(opinion, post.text, post.topic_title, post.url))
        elif opinion.subject == "message" and opinion.subject_id in messages:
            url = f"/desk/inbox/{opinion.place_id}"
            shown.append(ShownText(opinion, messages[opinion.subject_id], "", url))
    return shown


def _subjects(opinions: Sequence[OpinionRow], subject: str) -> list[int]:
    return [opinion.subject_id for opinion in opinions if opinion.subject == subject]
