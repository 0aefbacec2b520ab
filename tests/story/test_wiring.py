"""From the text to the profile, the alert and the case, with the worker drained: no browser, no mocks."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.topics.actions import open_topic
from socialcrm.community.topics.models import Post
from socialcrm.customers.models import Customer
from socialcrm.customers.queries import tags_of, timeline_of
from socialcrm.database import db, transaction
from socialcrm.events import ReactionRun
from socialcrm.sentiment.queries import opinion_of
from socialcrm.service.alerts.models import Alert
from socialcrm.service.cases.models import Case

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
Cast = dict[str, Account]


def say(cast: Cast, who: str, text: str) -> int:
    """The id of the first text of a new topic."""
    account = cast[who]
    with transaction():
        group = create_group("咖啡品鉴交流", kind="product", rules="友善交流。")
        join_group(group.id, account.customer_id, accepted_version=1)
        topic = open_topic(account.customer_id, group.id, "发货", text, acting=account.id)
        return db.session.scalars(select(Post.id).where(Post.topic_id == topic.id)).one()


def test_a_complaint_reaches_profile_alert_and_case(app: Flask, cast: Cast, drain: Callable[[], int]) -> None:
    post_id = say(cast, "wangqiang", STORY)
    drain()
    failures = db.session.scalars(select(ReactionRun.error).where(ReactionRun.error.is_not(None))).all()
    assert failures == []
    opinion = opinion_of("post", post_id)
    assert opinion is not None and opinion.polarity == "negative"
    customer = db.session.get_one(Customer, cast["wangqiang"].customer_id, populate_existing=True)
    assert customer.mood is not None and customer.mood < -0.2
    assert "posted" in {entry.kind for entry in timeline_of(customer.id)}
    assert tags_of(customer.id)
    alert = db.session.scalars(select(Alert)).one()
    case = db.session.scalars(select(Case)).one()
    assert (alert.subject_id, alert.case_id) == (post_id, case.id)
    assert set(case.aspects) == {"配送", "客服"}


def test_staff_raise_no_alerts(app: Flask, cast: Cast, drain: Callable[[], int]) -> None:
    say(cast, "agent", STORY)
    drain()
    assert db.session.scalar(select(Alert.id)) is None
