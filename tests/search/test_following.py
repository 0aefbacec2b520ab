"""What can be found follows what happens: the reactions of flow.py keep the index true."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.groups.models import Group
from socialcrm.community.moderation.actions import hide_post, move_topic, restore_post
from socialcrm.community.topics.actions import edit_post, open_topic, publish_post
from socialcrm.community.topics.models import Post, Topic
from socialcrm.customers.actions import add_identity, create_customer
from socialcrm.customers.events import CustomerChanged
from socialcrm.database import transaction
from socialcrm.events import announce
from socialcrm.search.documents import Viewer
from socialcrm.search.engines import current_engine
from socialcrm.search.queries import search
from socialcrm.service.cases.actions import open_case, solve
from tests.search.conftest import settle

STAFF = Viewer(staff=True, every_group=True)


@pytest.fixture
def group(cast: dict[str, Account]) -> Group:
    """咖啡品鉴交流, open to everybody, with lina in it."""
    with transaction():
        made = create_group("咖啡品鉴交流", kind="product", description="聊豆子和器具。")
        join_group(made.id, cast["lina"].customer_id, accepted_version=0)
    return made


def make_topic(group: Group, account: Account, title: str, text: str) -> Topic:
    with transaction():
        return open_topic(account.customer_id, group.id, title, text, acting=account.id)


def make_reply(topic: Topic, account: Account, text: str) -> Post:
    with transaction():
        return publish_post(account.customer_id, topic.id, text, acting=account.id)


def found(text: str, kind: str) -> list[int]:
    settle(current_engine())
    return [hit.id for hit in search(text, STAFF, kinds=[kind]).hits]


def test_a_new_customer_is_found_and_a_renamed_one_by_the_new_name(
    app: Flask, drain: Callable[[], int]
) -> None:
    with transaction():
        customer = create_customer("欧阳若兰", source="import")
    drain()
    assert found("欧阳若兰", "customer") == [customer.id]
    with transaction():
        customer.display_name = "上官婉儿"
        announce(CustomerChanged(customer.id))
    drain()
    assert found("欧阳若兰", "customer") == []
    assert found("上官", "customer") == [customer.id]


def test_a_proven_phone_finds_its_customer_by_the_last_four_digits(
    app: Flask, drain: Callable[[], int]
) -> None:
    with transaction():
        customer = create_customer("欧阳若兰", source="import")
        add_identity(customer, "phone", "13912345678", verified=True)
    drain()
    assert found("5678", "customer") == [customer.id]


def test_a_case_is_found_by_its_title_its_texts_and_its_customer(
    app: Flask, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    with transaction():
        case = open_case(
            cast["lina"].customer_id,
            "磨豆机异响",
            source="form",
            channel="form",
            text="转动时有金属摩擦声",
        )
    drain()
    for asked in ("磨豆机", "mdj", "金属摩擦", "李娜"):
        assert found(asked, "case") == [case.id]
    with transaction():
        solve(case, "更换了刀盘", acting=cast["agent"], root_cause="刀盘松动")
    drain()
    assert found("刀盘松动", "case") == [case.id]


def test_a_group_is_found_by_name_text_and_initials(group: Group, drain: Callable[[], int]) -> None:
    drain()
    for asked in ("品鉴", "器具", "kfpj"):
        assert found(asked, "group") == [group.id]


def test_a_topic_is_found_by_title_and_first_text_and_a_reply_by_its_own(
    group: Group, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    topic = make_topic(group, cast["lina"], "意式咖啡机推荐", "预算三千，**主要做拿铁**。")
    reply = make_reply(topic, cast["wangqiang"], "我家那台加热慢")
    drain()
    assert found("咖啡机", "topic") == [topic.id]
    assert found("做拿铁", "topic") == [topic.id]
    assert found("加热", "reply") == [reply.id]
    assert found("咖啡机", "reply") == []


def test_an_edited_post_is_found_by_its_new_words(
    group: Group, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    lina = cast["lina"]
    topic = make_topic(group, lina, "意式咖啡机推荐", "预算三千")
    reply = make_reply(topic, lina, "压力不够")
    drain()
    with transaction():
        edit_post(reply.id, "萃取很稳", editor_id=lina.customer_id, acting=lina.id, version=1)
        edit_post(
            topic.first_post_id,
            "预算五千",
            editor_id=lina.customer_id,
            acting=lina.id,
            version=1,
            title="磨豆机推荐",
        )
    drain()
    assert found("压力", "reply") == []
    assert found("萃取", "reply") == [reply.id]
    assert found("咖啡机", "topic") == []
    assert found("磨豆机", "topic") == [topic.id]


def test_what_is_hidden_is_not_found_until_it_is_shown_again(
    group: Group, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    manager = cast["manager"].id
    topic = make_topic(group, cast["lina"], "加热慢怎么办", "第一段")
    reply = make_reply(topic, cast["lina"], "压力不够")
    drain()
    with transaction():
        hide_post(topic.first_post_id, manager, reason="广告")
    drain()
    assert found("加热", "topic") == []
    assert found("压力", "reply") == []
    with transaction():
        restore_post(topic.first_post_id, manager)
        hide_post(reply.id, manager, reason="广告")
    drain()
    assert found("加热", "topic") == [topic.id]
    assert found("压力", "reply") == []


def test_a_moved_topic_takes_its_replies_to_the_new_group(
    group: Group, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    topic = make_topic(group, cast["lina"], "加热慢怎么办", "第一段")
    make_reply(topic, cast["lina"], "压力不够")
    with transaction():
        other = create_group("生活服务互助", kind="life")
        move_topic(topic.id, other.id, cast["manager"].id, reason="放错了")
    drain()
    settle(current_engine())
    hits = [*search("加热", STAFF).hits, *search("压力", STAFF).hits]
    assert [(hit.kind, hit.group_id) for hit in hits] == [("topic", other.id), ("reply", other.id)]
