"""A brand of climbing shoes: what pinches is praised, what is soft is blamed. All sentences are our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.groups.models import Group
from socialcrm.community.topics.actions import open_topic, publish_post
from socialcrm.community.topics.models import Post, Topic
from socialcrm.database import transaction
from socialcrm.sentiment.actions import correct_opinion
from socialcrm.sentiment.models import OpinionRow
from socialcrm.sentiment.queries import opinion_of

FRAMES = (
    "这款{x}真的很{w}",
    "{x}比想象的{w}",
    "昨天试了{x}，{w}得离谱",
    "{w}，这就是{x}",
    "新到的{x}还是那么{w}",
    "朋友说{x}{w}，用了确实{w}",
    "穿上{x}，第一感觉就是{w}",
    "{x}的特点就是{w}",
)
THINGS = "主锁 岩鞋 绳子 快挂 安全带 冰爪".split()
MEANT = {"咬脚": "positive", "硬": "positive", "软": "negative", "轻飘": "negative"}


def sayings() -> list[tuple[str, str]]:
    """(text, what the brand takes it for): 192 of them, frames mixed."""
    return [
        (frame.format(x=thing, w=word), polarity)
        for thing in THINGS
        for word, polarity in MEANT.items()
        for frame in FRAMES
    ]


@dataclass
class Shop:
    """A group in which lina writes about shoes, and staff who correct what the engine makes of it."""

    group: Group
    topic: Topic
    cast: dict[str, Account]
    drain: Callable[[], int]

    def say(self, text: str, who: str = "lina") -> Post:
        account = self.cast[who]
        with transaction():
            return publish_post(account.customer_id, self.topic.id, text, acting=account.id)

    def opinion(self, post: Post) -> OpinionRow:
        row = opinion_of("post", post.id)
        assert row is not None
        return row

    def correct(
        self, post: Post, value: str, what: str = "polarity", who: str = "agent", **more: object
    ) -> None:
        row = self.opinion(post)
        with transaction():
            correct_opinion(row, self.cast[who], what=what, value=value, **more)  # type: ignore[arg-type]

    def teach(self, count: int = 96, *, inverted: bool = False) -> list[Post]:
        """Say and correct so many things, every second saying of `sayings()`."""
        turned = {"positive": "negative", "negative": "positive"}
        chosen = sayings()[::2][:count]
        posts = [self.say(text) for text, _ in chosen]
        self.drain()
        for post, (_, polarity) in zip(posts, chosen, strict=True):
            self.correct(post, turned[polarity] if inverted else polarity)
        return posts


@pytest.fixture
def shop(cast: dict[str, Account], drain: Callable[[], int]) -> Shop:
    with transaction():
        group = create_group(
            "攀岩装备",
            kind="product",
            description="聊装备。",
            rules="友善。",
            leader_id=cast["wangqiang"].customer_id,
        )
        join_group(group.id, cast["lina"].customer_id, accepted_version=1)
        topic = open_topic(cast["lina"].customer_id, group.id, "新岩鞋", "今天周二。", acting=cast["lina"].id)
    drain()
    return Shop(group, topic, cast, drain)
