"""One brand with something on every page: the story's people, and the longest texts that people may write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from socialcrm.accounts.models import Account
from socialcrm.api.actions import issue_key
from socialcrm.channels.actions import open_conversation, receive_message, send_message
from socialcrm.channels.visitors import create_visitor
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.moderation.actions import hide_post, put_word_rule, report_post
from socialcrm.community.topics.actions import open_topic, publish_post, set_reaction
from socialcrm.community.topics.models import Post
from socialcrm.database import db, transaction, utcnow
from socialcrm.outbox.webhooks.actions import add_endpoint
from socialcrm.referrals.actions import add_edge, code_of
from socialcrm.service.alerts.models import Alert
from socialcrm.service.cases.actions import answer_privately, solve
from socialcrm.service.cases.models import Case
from socialcrm.service.cases.staffing import ensure_teams
from socialcrm.settings import change_setting
from socialcrm.shop.actions import place_order
from tests.factories import cast, make_account
from tests.servers.installation import session_cookie
from worker.schedule import work_through

COMPLAINT = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
LONGEST_NAME = "住在城西老巷子里每天早上六点起来磨豆子的咖啡爱好者小林同学"
LONGEST_TITLE = "这一季的云南日晒和去年相比到底有什么不同，水温、粉水比和研磨度分别怎么调，欢迎大家把自己的配方都写下来一起看看吧"
LONG_URL = "https://shop.example.com/collections/" + "single-origin-washed-and-natural-" * 6 + "?ref=abc"
LONGEST_REPLY = ("先说结论：水温比研磨度更要紧。我把每一次都记了下来。" * 200)[:5000]


@dataclass
class Place:
    """A served application; `paths` names the pages that need an id, `keys` the cookies of its people."""

    app: Flask
    url: str = ""
    paths: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


@contextmanager
def open_place(app: Flask) -> Iterator[Place]:
    """Furnish an empty application, serve it on a port of its own, and take it down."""
    place = Place(app)
    with app.app_context():
        furnish(place)
        db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    place.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def furnish(place: Place) -> None:
    """The people, their group, what they say, and what follows from it."""
    people = cast()
    people["long"] = make_account(LONGEST_NAME, email="long@example.com")
    group_id, topic_id = _talk(people)
    _bring_and_buy(people)
    _chat(people)
    while work_through():
        pass
    case_id = _settle(people)
    with transaction():
        publish_post(people["long"].customer_id, topic_id, COMPLAINT, acting=people["long"].id)
    _connect(people)
    while work_through():
        pass
    place.keys = {name: session_cookie(place.app, account) for name, account in people.items()}
    _name_paths(place, people, group_id, topic_id, case_id)


def _talk(people: dict[str, Account]) -> tuple[int, int]:
    with transaction():
        change_setting("brand.set_up", True)
        ensure_teams()
        put_word_rule("代购", "hold", people["manager"])
        group = create_group(
            "咖啡品鉴交流",
            kind="product",
            description="聊豆子、器具和风味，新手也欢迎。",
            rules="友善交流。\n\n不发广告。",
            leader_id=people["lina"].customer_id,
        )
        create_group(
            "店主夜谈", kind="life", access="request", description="开店的人说说心里话。", rules="不外传。"
        )
        for name in ("wangqiang", "manager", "long"):
            join_group(group.id, people[name].customer_id, accepted_version=1)
        lina = people["lina"]
        topic = open_topic(lina.customer_id, group.id, LONGEST_TITLE, "莓果味很明显。", acting=lina.id)
        for name, text in (
            ("wangqiang", COMPLAINT),
            ("long", f"配方在这里 {LONG_URL}"),
            ("long", LONGEST_REPLY),
            ("wangqiang", "可以找我代购，价格好说。"),
            ("wangqiang", "加我微信看图，便宜卖了。"),
        ):
            publish_post(people[name].customer_id, topic.id, text, acting=people[name].id)
        set_reaction(topic.first_post_id, people["wangqiang"].customer_id, "like", on=True)
        texts = db.session.scalars(select(Post.id).where(Post.topic_id == topic.id).order_by(Post.id)).all()
        hide_post(texts[5], people["manager"].id, reason="广告")
        report_post(texts[2], lina.customer_id, reason="advertising", text="是不是广告？")
        open_topic(lina.customer_id, group.id, "手冲总是发酸", "水温 92 度。", acting=lina.id)
        return group.id, topic.id


def _bring_and_buy(people: dict[str, Account]) -> None:
    long_ago = utcnow() - timedelta(days=40)
    with transaction():
        add_edge(people["wangqiang"].customer_id, people["lina"].customer_id, at=long_ago)
        add_edge(people["long"].customer_id, people["wangqiang"].customer_id, at=long_ago)
    with transaction():
        for number, name in enumerate(("wangqiang", "long"), 1):
            place_order(
                people[name].customer_id,
                source="shop",
                code=f"SY2026-{number:06}",
                placed_at=utcnow() - timedelta(days=10),
                total_cents=12_345_600,
            )


def _chat(people: dict[str, Account]) -> None:
    with transaction():
        chat = open_conversation(people["wangqiang"].customer_id)
        receive_message(chat, "你好，发票怎么开？")
        send_message(chat, f"在订单页点「开发票」，说明在 {LONG_URL}", acting=people["agent"])
        receive_message(chat, COMPLAINT)
        guest, _token = create_visitor("访客小张")
        receive_message(open_conversation(guest.id), "还没注册，能问个问题吗？")


def _settle(people: dict[str, Account]) -> int:
    """One case answered and solved, so that it asks for a rating."""
    case = db.session.scalars(select(Case).order_by(Case.id)).first()
    assert case is not None
    with transaction():
        answer_privately(case, "包裹今天上午已经发出，给您添麻烦了。", acting=people["agent"])
        solve(case, "包裹已经签收，补了一张券。", acting=people["agent"])
    return case.id


def _connect(people: dict[str, Account]) -> None:
    with transaction():
        issue_key("有赞商城的订单同步程序", ["orders:write"], made_by_id=people["admin"].id)
        add_endpoint(
            "https://crm.example.com/hooks/socialcrm", ["order.placed"], made_by_id=people["admin"].id
        )


def _name_paths(place: Place, people: dict[str, Account], group_id: int, topic_id: int, case_id: int) -> None:
    alert = db.session.scalars(select(Alert.id).order_by(Alert.id.desc())).first()
    open_case = db.session.scalars(select(Case.id).where(Case.status == "open")).first()
    with transaction():
        code = code_of(people["lina"].customer_id).code
    place.paths = {
        "arrival": f"/r/{code}",
        "group": f"/groups/{group_id}",
        "topic": f"/topics/{topic_id}",
        "open_case": f"/desk/cases/{open_case}",
        "alert": f"/desk/alerts/{alert}",
        "why": "/desk/why/post/2",
        "case": f"/desk/cases/{case_id}",
        "matter": f"/me/matters/{case_id}",
        "inbox": "/desk/inbox/1",
        "manage": f"/manage/groups/{group_id}",
        "customer": f"/desk/customers/{people['wangqiang'].customer_id}",
        "person": f"/people/{people['lina'].customer_id}",
    }
