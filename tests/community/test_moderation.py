"""Moderation in the open: each deed shows on the page and, with its reason and without a name, in the public log."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group
from socialcrm.community.groups.models import Group
from socialcrm.community.moderation.models import Report
from socialcrm.community.topics.models import Topic
from socialcrm.database import db, transaction

from .conftest import Village

ClientOf = Callable[[Account], FlaskClient]


def log(client: FlaskClient, group_id: int) -> str:
    return client.get(f"/groups/{group_id}/moderation-log").text


def test_a_pinned_topic_stands_first(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    old = village.topic("先来的")
    village.topic("后来的")
    manager = client_of(village.cast["manager"])
    manager.post(f"/topics/{old.id}/pin", data={"on": "1"})
    page = client.get(f"/groups/{village.group.id}").text
    assert page.index("先来的") < page.index("后来的")
    assert "置顶了话题" in log(client, village.group.id)
    manager.post(f"/topics/{old.id}/pin", data={"on": "0"})
    page = client.get(f"/groups/{village.group.id}").text
    assert page.index("后来的") < page.index("先来的")


def test_a_closed_topic_takes_no_replies_but_from_moderators(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    url = f"/topics/{topic.id}"
    client_of(village.cast["manager"]).post(f"{url}/close", data={"reason": "已经解决"})
    wangqiang = client_of(village.cast["wangqiang"])
    assert "话题已关闭" in wangqiang.get(url).text
    assert wangqiang.post(f"{url}/posts", data={"text": "再说一句"}).status_code == 403
    assert client_of(village.cast["manager"]).post(f"{url}/posts", data={"text": "总结"}).status_code == 302
    assert "已经解决" in log(wangqiang, village.group.id)
    client_of(village.cast["lina"]).post(f"{url}/close", data={"on": "0"})
    assert wangqiang.post(f"{url}/posts", data={"text": "再说一句"}).status_code == 302


def test_closing_owes_a_reason(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    answer = client_of(village.cast["manager"]).post(
        f"/topics/{topic.id}/close", data={"reason": " "}, follow_redirects=True
    )
    assert "写下理由" in answer.text
    assert not db.session.get_one(Topic, topic.id).closed


def test_a_moved_topic_stands_in_its_new_group_and_in_both_logs(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    topic = village.topic("探店")
    village.reply(topic, "一起")
    with transaction():
        other = create_group("周末去哪喝", kind="life", leader_id=village.cast["manager"].customer_id)
    client_of(village.cast["manager"]).post(
        f"/topics/{topic.id}/move", data={"group": str(other.id), "reason": "这里更合适"}
    )
    assert "探店" in client.get(f"/groups/{other.id}").text
    assert "探店" not in client.get(f"/groups/{village.group.id}").text
    for group_id in (other.id, village.group.id):
        page = log(client, group_id)
        assert "把话题从「咖啡品鉴交流」移到「周末去哪喝」" in page and "这里更合适" in page
    db.session.expire_all()
    topics = {row.id: row.topics for row in db.session.execute(select(Group.id, Group.topics))}
    assert topics == {village.group.id: 0, other.id: 1}


def test_a_hidden_reply_leaves_its_place_and_its_reason(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    topic = village.topic()
    reply = village.reply(topic, "加微信领豆子")
    manager = client_of(village.cast["manager"])
    manager.post(f"/posts/{reply.id}/hide", data={"reason": "群规第二条：不发广告"})
    page = client.get(f"/topics/{topic.id}").text
    assert "加微信领豆子" not in page and "这条内容已被隐藏：群规第二条：不发广告" in page
    public = log(client, village.group.id)
    assert "隐藏了第 2 楼" in public and "群规第二条：不发广告" in public and "运营小林" not in public
    manager.post(f"/posts/{reply.id}/restore")
    assert "加微信领豆子" in client.get(f"/topics/{topic.id}").text
    assert "恢复了第 2 楼" in log(client, village.group.id)
    db.session.expire_all()
    assert db.session.get_one(Topic, topic.id).replies == 1


def test_hiding_the_first_post_hides_the_topic(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    topic = village.topic("不该在这里")
    client_of(village.cast["manager"]).post(f"/posts/{topic.first_post_id}/hide", data={"reason": "泄露电话"})
    assert client.get(f"/topics/{topic.id}").status_code == 404
    page = log(client, village.group.id)
    assert "泄露电话" in page and "不该在这里" not in page


def test_reports_are_decided_together_and_only_once_each(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    reply = village.reply(topic, "骂人的话")
    for name in ("lina", "chenjing", "lina"):
        client_of(village.cast[name]).post(
            f"/posts/{reply.id}/report", data={"reason": "insult", "text": "过分"}
        )
    manager = client_of(village.cast["manager"])
    page = manager.get("/manage/moderation").text
    assert page.count("过分") == 2 and "骂人的话" in page
    manager.post(f"/posts/{reply.id}/reports", data={"uphold": "1", "answer": "辱骂他人"})
    db.session.expire_all()
    assert set(db.session.scalars(select(Report.state))) == {"upheld"}
    assert "骂人的话" not in manager.get("/manage/moderation").text
    assert "辱骂他人" in log(manager, village.group.id)


def test_a_dismissed_report_leaves_the_post(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    topic = village.topic()
    reply = village.reply(topic, "有点直接")
    client_of(village.cast["chenjing"]).post(f"/posts/{reply.id}/report", data={"reason": "other"})
    client_of(village.cast["manager"]).post(
        f"/posts/{reply.id}/reports", data={"uphold": "0", "answer": "可以"}
    )
    assert "有点直接" in client.get(f"/topics/{topic.id}").text
    assert db.session.scalars(select(Report.state)).one() == "dismissed"
