"""Groups, what is said in them, and whom it alarms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from socialcrm.commands.demo.told import Happening, Told
from socialcrm.commands.demo.world import Group, Topic
from socialcrm.community.groups.actions import create_group
from socialcrm.community.intake import (
    NewMember,
    NewPost,
    NewReaction,
    NewTopic,
    take_in_members,
    take_in_reactions,
    take_in_reading,
    take_in_topics,
)
from socialcrm.community.queries import facts_of_posts
from socialcrm.customers.intake import Line, take_in_timeline
from socialcrm.database import db
from socialcrm.events import reacting_at_once
from socialcrm.flow import raise_alert
from socialcrm.sentiment.actions import Text, record_opinions, score
from socialcrm.sentiment.events import TextScored
from socialcrm.sentiment.models import OpinionRow

KINDS = {"产品兴趣群": "product", "行业知识群": "knowledge", "生活服务群": "life"}
QUIET = 0.3  # below this likelihood of a complaint no rule raises an alert


@dataclass
class Talk(Told):
    """Groups with their members, topics with their posts, and what the engine reads in them."""

    def open_group(self, group: Group) -> None:
        rules = "\n".join(f"{number}. {rule}" for number, rule in enumerate(group.rules, 1))
        row = create_group(
            group.name,
            kind=KINDS[group.kind],
            access=group.access,
            description=group.description,
            rules=rules,
            leader_id=self.customers["s-manager"],
        )
        self.groups[group.key] = row.id
        take_in_members(
            [NewMember(row.id, self.customers[key], _role(group, key), at) for key, at in group.members]
        )

    def take_in_talk(self) -> None:
        topics = self.world.topics
        topic_ids, post_ids = take_in_topics([self._new_topic(topic) for topic in topics])
        for topic, number, numbers in zip(topics, topic_ids, post_ids, strict=True):
            self.topics[topic.key] = number
            self.posts |= {post.key: post_id for post, post_id in zip(topic.posts, numbers, strict=True)}
        take_in_reactions(
            [
                NewReaction(self.posts[post.key], self.customers[one.by], one.kind, one.at)
                for topic in topics
                for post in topic.posts
                for one in post.reactions
            ]
        )
        take_in_reading(self._read())
        self._read_by_the_engine()

    def _new_topic(self, topic: Topic) -> NewTopic:
        place = {post.key: number for number, post in enumerate(topic.posts)}
        posts = [
            NewPost(
                self.customers[post.author], post.text, post.at, place[post.answers] if post.answers else None
            )
            for post in topic.posts
        ]
        return NewTopic(self.groups[topic.group], topic.title, posts, topic.pinned)

    def _read(self) -> list[tuple[int, int, int]]:
        """Writers have read up to their last word; 李娜 and 王强 everything in their groups but the last two days."""
        read: dict[tuple[str, str], str] = {}
        until = self.world.now - timedelta(days=2)
        members = {group.key: dict(group.members) for group in self.world.groups}
        regulars = [person.key for person in self.world.customers if person.name in ("李娜", "王强")]
        for topic in self.world.topics:
            read |= {(post.author, topic.key): post.key for post in topic.posts}
            if topic.posts[-1].at < until:
                read |= {
                    (key, topic.key): topic.posts[-1].key for key in regulars if key in members[topic.group]
                }
        return [
            (self.customers[who], self.topics[topic], self.posts[post]) for (who, topic), post in read.items()
        ]

    def _read_by_the_engine(self) -> None:
        """Opinions on every post, and the line each leaves on its writer's timeline."""
        facts = facts_of_posts(self.posts.values())
        scored = score(
            [
                Text("post", f.post_id, f.text, f.author_id, "group", f.group_id, "post", f.at)
                for f in facts.values()
            ]
        )
        with reacting_at_once(lambda reaction: False):
            record_opinions(scored)
        take_in_timeline(
            [
                Line(
                    f.author_id,
                    "posted",
                    "post",
                    f.post_id,
                    f.at,
                    {
                        "excerpt": f.excerpt,
                        "url": f.url,
                        "polarity": opinion.polarity,
                        "where": f.topic_title,
                    },
                )
                for f, (_, opinion) in zip(facts.values(), scored, strict=True)
            ]
        )

    def _alarms(self) -> Iterator[Happening]:
        """The posts that may call somebody, half a second after they were written."""
        staff = {self.customers[person.key] for person in self.world.staff}
        rows = db.session.scalars(
            select(OpinionRow).where(OpinionRow.subject == "post").order_by(OpinionRow.at)
        )
        for row in rows:
            if row.customer_id in staff or (row.complaint < QUIET and row.urgency < 2):
                continue
            scored = TextScored(row.id, row.subject, row.subject_id, row.customer_id)
            yield Happening(row.at + timedelta(seconds=0.5), partial(self._alarm, scored))

    def _alarm(self, scored: TextScored) -> None:
        raise_alert([scored], None)


def _role(group: Group, key: str) -> str:
    if key == group.leader:
        return "leader"
    return "moderator" if key in group.moderators else "member"
