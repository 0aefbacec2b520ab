"""A group with the cast in it, and makers of topics and posts; each commits, as an edge would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import current_app
from sqlalchemy import event

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.groups.models import Group
from socialcrm.community.topics.actions import open_topic, publish_post
from socialcrm.community.topics.models import Post, Topic
from socialcrm.database import db, transaction


@dataclass
class Village:
    """咖啡品鉴交流 with lina and wangqiang in it, lina its leader; chenjing stays outside."""

    group: Group
    cast: dict[str, Account]

    def topic(
        self, title: str = "手冲总是发酸", text: str = "水温 92 度，粉是中细研磨。", who: str = "lina"
    ) -> Topic:
        account = self.cast[who]
        with transaction():
            return open_topic(account.customer_id, self.group.id, title, text, acting=account.id)

    def reply(self, topic: Topic, text: str, who: str = "wangqiang", **more: object) -> Post:
        account = self.cast[who]
        with transaction():
            return publish_post(account.customer_id, topic.id, text, acting=account.id, **more)  # type: ignore[arg-type]


@pytest.fixture
def village(cast: dict[str, Account]) -> Village:
    with transaction():
        group = create_group(
            "咖啡品鉴交流",
            kind="product",
            description="聊豆子、器具和风味。",
            rules="友善交流，不发广告。",
            leader_id=cast["lina"].customer_id,
        )
        join_group(group.id, cast["wangqiang"].customer_id, accepted_version=1)
    return Village(group, cast)


@pytest.fixture
def count_queries(app: object) -> Callable[[], object]:
    """`with count_queries() as statements:` collects the SQL that runs inside."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            # A request has a session of its own; the test's may hold a transaction or know rows already.
            with current_app.app_context():
                yield statements
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
