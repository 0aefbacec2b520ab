"""Texts with where they were said, read from the area that holds them; what is gone or hidden is left out."""

from __future__ import annotations

from collections.abc import Iterable

from ...channels.models import Message
from ...channels.queries import messages_by_id
from ...community.queries import PostFacts, facts_of_posts
from ...sentiment.actions import Text

Key = tuple[str, int]


def texts_of(keys: Iterable[Key]) -> dict[Key, Text]:
    """(subject, id) → text, in at most two queries."""
    wanted = list(keys)
    posts = [number for subject, number in wanted if subject == "post"]
    messages = [number for subject, number in wanted if subject == "message"]
    found: dict[Key, Text] = {}
    if posts:
        for facts in facts_of_posts(posts).values():
            if facts.state == "published":
                found["post", facts.post_id] = text_of_post(facts)
    if messages:
        for message in messages_by_id(messages).values():
            if message.side == "customer":
                found["message", message.id] = text_of_message(message)
    return found


def text_of_post(post: PostFacts) -> Text:
    """A post as the sentiment area takes it."""
    return Text("post", post.post_id, post.text, post.author_id, "group", post.group_id, "post", post.at)


def text_of_message(message: Message) -> Text:
    """A turn of a chat as the sentiment area takes it."""
    place = message.conversation
    return Text(
        "message", message.id, message.text, place.customer_id, "conversation", place.id, "chat", message.at
    )
