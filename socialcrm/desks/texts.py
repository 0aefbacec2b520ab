"""Texts by (subject, id) with where they stand, from whichever area holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..accounts.models import Account
from ..channels.queries import MessageFacts, facts_of_messages
from ..community.access import readable_topics
from ..community.queries import PostFacts, facts_of_posts
from ..sentiment.actions import Text

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class StandingText:
    """A text as the sentiment area takes it, and what shows it."""

    words: Text
    excerpt: str
    #: topic or conversation, and its id.
    page: str
    page_id: int
    #: What that place is called; empty for a chat.
    title: str
    #: Path of the page that shows it.
    url: str
    #: Whether it can still be read there: hidden and deleted posts cannot.
    stands: bool


def texts_with_places(keys: Iterable[Key]) -> dict[Key, StandingText]:
    """Every text that is stored, taken away or not; in at most two queries."""
    wanted = list(keys)
    posts = [number for subject, number in wanted if subject == "post"]
    messages = [number for subject, number in wanted if subject == "message"]
    found: dict[Key, StandingText] = {}
    if posts:
        found |= {("post", number): _of_post(post) for number, post in facts_of_posts(posts).items()}
    if messages:
        turns = facts_of_messages(messages)
        found |= {("message", number): _of_message(turn) for number, turn in turns.items()}
    return found


def texts_of(keys: Iterable[Key]) -> dict[Key, Text]:
    """The texts that stand, in at most two queries."""
    return {key: text.words for key, text in texts_with_places(keys).items() if text.stands}


def readable_texts(account: Account, keys: Iterable[Key]) -> dict[Key, StandingText]:
    """The texts that stand where this person may read; in at most three queries."""
    wanted = [key for key in keys if key[0] == "post" or account.serves]
    found = texts_with_places(wanted)
    topics = {text.page_id for text in found.values() if text.page == "topic"}
    readable = readable_topics(account, topics) if topics else set()
    return {
        key: text
        for key, text in found.items()
        if text.stands and (text.page != "topic" or text.page_id in readable)
    }


def _of_post(post: PostFacts) -> StandingText:
    return StandingText(
        Text("post", post.post_id, post.text, post.author_id, "group", post.group_id, "post", post.at),
        post.excerpt,
        "topic",
        post.topic_id,
        post.topic_title,
        post.url,
        post.state == "published",
    )


def _of_message(turn: MessageFacts) -> StandingText:
    place = turn.conversation_id
    return StandingText(
        Text("message", turn.message_id, turn.text, turn.customer_id, "conversation", place, "chat", turn.at),
        turn.text[:120],
        "conversation",
        place,
        "",
        turn.url,
        turn.side == "customer",
    )
