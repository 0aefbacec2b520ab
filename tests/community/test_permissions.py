"""Who may do what, for every route of the community: guest and cast, in a public, a by-request and an invited group.

Numbers are the status a person gets when asking as a program: 302 is done, G (401) leads a browser to sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.moderation.actions import put_word_rule
from socialcrm.community.topics.actions import open_topic, publish_post
from socialcrm.database import transaction

WHO = ("guest", "lina", "wangqiang", "chenjing", "agent", "manager", "admin")
SIGN_IN = 401


@dataclass(frozen=True)
class Row:
    """One route in one kind of group and the status each of WHO gets; `data` is the form of a POST."""

    method: str
    url: str
    access: str
    expected: tuple[int, int, int, int, int, int, int]
    data: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.access}"


def get(url: str, access: str, *expected: int) -> Row:
    return Row("GET", url, access, expected)  # type: ignore[arg-type]


def post(url: str, access: str, *expected: int, **data: str) -> Row:
    return Row("POST", url, access, expected, tuple(data.items()))  # type: ignore[arg-type]


G = SIGN_IN
# lina leads the group and wrote the topic; wangqiang is a member and wrote the reply; chenjing is outside.
TABLE = [
    #                                             guest lina wang chen agent manager admin
    # Whoever is in one group only is led to it at once; the first row meets the first group.
    get("/topics/new", "public", G, 302, 302, 200, 200, 200, 200),
    get("/groups", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}", "request", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}", "invitation", 404, 200, 200, 404, 200, 200, 200),
    get("/groups/{group}/arrivals", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}/arrivals", "request", 403, 200, 200, 403, 200, 200, 200),
    get("/groups/{group}/rules", "request", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}/rules", "invitation", 404, 200, 200, 404, 200, 200, 200),
    get("/groups/{group}/moderation-log", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}/moderation-log", "invitation", 404, 200, 200, 404, 200, 200, 200),
    get("/groups/{group}/members", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}/members", "request", 403, 200, 200, 403, 200, 200, 200),
    get("/groups/{group}/join", "public", G, 200, 200, 200, 200, 200, 200),
    get("/groups/{group}/join", "invitation", G, 200, 200, 404, 200, 200, 200),
    post("/groups/{group}/join", "public", G, 302, 302, 302, 302, 302, 302, version="1"),
    post("/groups/{group}/join", "request", G, 302, 302, 302, 302, 302, 302, version="1"),
    post("/groups/{group}/join", "invitation", G, 302, 302, 404, 403, 403, 403, version="1"),
    post("/groups/{group}/leave", "public", G, 302, 302, 302, 302, 302, 302),
    post("/groups/{group}/level", "public", G, 302, 302, 302, 302, 302, 302, level="muted"),
    post("/groups/{group}/level", "request", G, 302, 302, 403, 302, 302, 302, level="muted"),
    get("/groups/{group}/edit", "public", G, 200, 403, 403, 403, 200, 200),
    post("/groups/{group}/edit", "public", G, 422, 403, 403, 403, 422, 422),
    get("/groups/new", "public", G, 403, 403, 403, 403, 200, 200),
    post("/groups/new", "public", G, 403, 403, 403, 403, 422, 422),
    post("/groups/{group}/invitations", "public", G, 302, 403, 403, 403, 302, 302, name="陈静"),
    post("/groups/{group}/requests/{wangqiang}", "public", G, 302, 403, 403, 403, 302, 302),
    post(
        "/groups/{group}/members/{wangqiang}/role", "public", G, 302, 403, 403, 403, 302, 302, role="member"
    ),
    post(
        "/groups/{group}/members/{wangqiang}/remove", "public", G, 302, 403, 403, 403, 302, 302, reason="广告"
    ),
    get("/groups/{group}/mentions?q=李", "public", G, 200, 200, 403, 200, 200, 200),
    get("/groups/{group}/topics/new", "public", G, 200, 200, 403, 200, 200, 200),
    post("/groups/{group}/topics/new", "public", G, 302, 302, 403, 302, 302, 302, title="题", text="文"),
    post("/groups/{group}/topics/new", "invitation", G, 302, 302, 404, 302, 302, 302, title="题", text="文"),
    get("/topics/{topic}", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/topics/{topic}", "request", 403, 200, 200, 403, 200, 200, 200),
    get("/topics/{topic}", "invitation", 404, 200, 200, 404, 200, 200, 200),
    get("/topics/{topic}/posts?after=0", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/topics/{topic}/posts?after=0", "invitation", 404, 200, 200, 404, 200, 200, 200),
    post("/topics/{topic}/posts", "public", G, 302, 302, 403, 302, 302, 302, text="回复"),
    post("/topics/{topic}/posts", "request", G, 302, 302, 403, 302, 302, 302, text="回复"),
    post("/topics/{topic}/posts", "invitation", G, 302, 302, 404, 302, 302, 302, text="回复"),
    get("/posts/{reply}", "public", 302, 302, 302, 302, 302, 302, 302),
    get("/posts/{reply}", "invitation", 404, 302, 302, 404, 302, 302, 302),
    get("/posts/{reply}/fragment", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/posts/{reply}/fragment", "invitation", 404, 200, 200, 404, 200, 200, 200),
    get("/posts/{reply}/history", "public", 200, 200, 200, 200, 200, 200, 200),
    get("/posts/{reply}/history", "request", 403, 200, 200, 403, 200, 200, 200),
    get("/posts/{reply}/edit", "public", G, 403, 200, 403, 403, 403, 403),
    post("/posts/{reply}/edit", "public", G, 403, 302, 403, 403, 403, 403, text="改过", version="1"),
    # Each asks after the one before: once its writer took it back, only moderators see that it was there.
    post("/posts/{reply}/delete", "public", G, 403, 302, 404, 404, 403, 403),
    post("/posts/{reply}/reactions", "public", G, 302, 302, 403, 302, 302, 302, kind="like", on="1"),
    post("/posts/{reply}/bookmark", "public", G, 302, 302, 302, 302, 302, 302, on="1"),
    post("/posts/{reply}/bookmark", "request", G, 302, 302, 403, 302, 302, 302, on="1"),
    get("/me/bookmarks", "public", G, 200, 200, 200, 200, 200, 200),
    post("/drafts", "public", G, 204, 204, 403, 204, 204, 204, place="topic:{topic}", text="草稿"),
    post("/topics/{topic}/read", "public", G, 204, 204, 204, 204, 204, 204, last="1"),
    post("/topics/{topic}/level", "public", G, 302, 302, 302, 302, 302, 302, level="muted"),
    post("/topics/{topic}/pin", "public", G, 302, 403, 403, 403, 302, 302, on="1"),
    get("/topics/{topic}/close", "public", G, 200, 403, 403, 403, 200, 200),
    post("/topics/{topic}/close", "public", G, 302, 403, 403, 403, 302, 302, reason="跑题"),
    get("/topics/{topic}/move", "public", G, 200, 403, 403, 403, 200, 200),
    post("/topics/{topic}/move", "public", G, 403, 403, 403, 403, 302, 302, group="{other}", reason="更合适"),
    get("/posts/{reply}/hide", "public", G, 200, 403, 403, 403, 200, 200),
    post("/posts/{reply}/hide", "public", G, 302, 403, 403, 403, 302, 302, reason="广告"),
    post("/posts/{reply}/restore", "public", G, 302, 403, 403, 403, 302, 302),
    get("/posts/{reply}/report", "public", G, 200, 200, 200, 200, 200, 200),
    post("/posts/{reply}/report", "public", G, 302, 302, 302, 302, 302, 302, reason="insult"),
    post("/posts/{reply}/report", "request", G, 302, 302, 403, 302, 302, 302, reason="insult"),
    post("/posts/{reply}/reports", "public", G, 302, 403, 403, 403, 302, 302, uphold="0", answer="没问题"),
    get("/manage", "public", G, 403, 403, 403, 403, 200, 200),
    get("/manage/groups", "public", G, 403, 403, 403, 403, 200, 200),
    get("/manage/groups/{group}", "public", G, 200, 403, 403, 403, 200, 200),
    get("/manage/moderation", "public", G, 403, 403, 403, 403, 200, 200),
    get("/manage/words", "public", G, 403, 403, 403, 403, 403, 200),
    post("/manage/words", "public", G, 403, 403, 403, 403, 403, 302, word="加微信", deed="hold"),
    post("/manage/words/{rule}/remove", "public", G, 403, 403, 403, 403, 403, 302),
    get("/groups/999999", "public", 404, 404, 404, 404, 404, 404, 404),
    get("/topics/999999", "public", 404, 404, 404, 404, 404, 404, 404),
    get("/topics/99999999999999999999", "public", 404, 404, 404, 404, 404, 404, 404),
]


def make_places(cast: dict[str, Account], access: str, number: int) -> dict[str, int]:
    """Ids for one row's URLs: a group of its kind with a topic of lina's and a reply of wangqiang's, untouched so far."""
    lina, wangqiang = cast["lina"], cast["wangqiang"]
    with transaction():
        other = create_group(f"别处{number}", kind="life", leader_id=cast["manager"].customer_id)
        group = create_group(
            f"咖啡品鉴交流{number}",
            kind="product",
            access=access,
            rules="友善",
            leader_id=lina.customer_id,
        )
        join_group(group.id, wangqiang.customer_id, accepted_version=1, invitation=group.invitation_code)
        topic = open_topic(lina.customer_id, group.id, "水温", "92 度", acting=lina.id)
        reply = publish_post(wangqiang.customer_id, topic.id, "94 度", acting=wangqiang.id)
        rule = put_word_rule(f"词{number}", "hold", cast["admin"])
    return {
        "group": group.id,
        "other": other.id,
        "topic": topic.id,
        "reply": reply.id,
        "wangqiang": wangqiang.customer_id,
        "rule": rule.id,
    }


@pytest.mark.parametrize("access", ["public", "request", "invitation"])
def test_table(
    access: str, cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient]
) -> None:
    browsers = {who: client if who == "guest" else client_of(cast[who]) for who in WHO}
    expected, got = {}, {}
    for number, row in enumerate(row for row in TABLE if row.access == access):
        places = make_places(cast, access, number)
        url = row.url.format(**places)
        data = {name: value.format(**places) for name, value in row.data} or None
        expected[str(row)] = dict(zip(WHO, row.expected, strict=True))
        got[str(row)] = {
            who: browser.open(
                url, method=row.method, data=data, headers={"Accept": "application/json"}
            ).status_code
            for who, browser in browsers.items()
        }
    assert got == expected


def test_every_route_of_the_community_stands_in_the_table(app: Flask) -> None:
    asked = {(row.method, _shape(row.url)) for row in TABLE}
    missing = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in ("groups", "topics", "moderation", "health")
        for method in sorted(rule.methods & {"GET", "POST"})  # type: ignore[operator]
        if (method, _shape(rule.rule)) not in asked and rule.endpoint != "topics.file"
    ]
    assert missing == []


def _shape(url: str) -> str:
    parts = url.split("?")[0].split("/")
    return "/".join("*" if part[:1] in ("{", "<") or part.isdecimal() else part for part in parts)
