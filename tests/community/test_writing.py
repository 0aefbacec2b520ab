"""What writers rely on: drafts, edits with history, taking back, reactions, bookmarks, unread marks."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.topics.models import Post, PostVersion, Topic
from socialcrm.database import db

from .conftest import Village

ClientOf = Callable[[Account], FlaskClient]


def test_a_draft_follows_its_writer_and_ends_with_the_post(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    phone, desk = client_of(village.cast["wangqiang"]), client_of(village.cast["wangqiang"])
    phone.post("/drafts", data={"place": f"topic:{topic.id}", "text": "写到一半"})
    assert "写到一半" in desk.get(f"/topics/{topic.id}").text
    assert "写到一半" not in client_of(village.cast["lina"]).get(f"/topics/{topic.id}").text
    desk.post(f"/topics/{topic.id}/posts", data={"text": "写完了"})
    assert "写到一半" not in phone.get(f"/topics/{topic.id}").text


def test_a_draft_needs_a_place(village: Village, client_of: ClientOf) -> None:
    lina = client_of(village.cast["lina"])
    for place in ("", "topic", "topic:x", "user:1", "topic:" + "9" * 30):
        answer = lina.post("/drafts", data={"place": place, "text": "x"})
        assert answer.status_code == 422, place


def test_an_edit_keeps_what_was_said_before(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    topic = village.topic()
    reply = village.reply(topic, "水温 90 度")
    wangqiang = client_of(village.cast["wangqiang"])
    answer = wangqiang.post(f"/posts/{reply.id}/edit", data={"text": "水温 94 度", "version": "1"})
    assert answer.status_code == 302
    page = client.get(f"/topics/{topic.id}").text
    assert "水温 94 度" in page and "水温 90 度" not in page and "已编辑" in page
    assert "水温 90 度" in client.get(f"/posts/{reply.id}/history").text


def test_an_edit_of_something_newer_is_refused(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    reply = village.reply(topic, "一")
    wangqiang = client_of(village.cast["wangqiang"])
    wangqiang.post(f"/posts/{reply.id}/edit", data={"text": "二", "version": "1"})
    late = wangqiang.post(f"/posts/{reply.id}/edit", data={"text": "三", "version": "1"})
    assert late.status_code == 409 and "刚刚在别处改过" in late.text and "三" in late.text
    assert db.session.scalar(select(db.func.count()).select_from(PostVersion)) == 1


def test_the_opener_renames_the_topic(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    topic = village.topic("手冲发酸")
    client_of(village.cast["lina"]).post(
        f"/posts/{topic.first_post_id}/edit", data={"title": "手冲发苦", "text": "换了豆子", "version": "1"}
    )
    page = client.get(f"/groups/{village.group.id}").text
    assert "手冲发苦" in page and "换了豆子" in page and "手冲发酸" not in page


def test_taking_back(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    topic = village.topic()
    reply = village.reply(topic, "说错了")
    lina, wangqiang = client_of(village.cast["lina"]), client_of(village.cast["wangqiang"])
    refused = lina.post(f"/posts/{topic.first_post_id}/delete", follow_redirects=True)
    assert "已经有人回复" in refused.text
    wangqiang.post(f"/posts/{reply.id}/delete")
    page = client.get(f"/topics/{topic.id}").text
    assert "说错了" not in page and "作者收回了这条内容" in page
    assert lina.post(f"/posts/{topic.first_post_id}/delete").location == f"/groups/{village.group.id}"
    assert client.get(f"/topics/{topic.id}").status_code == 404
    db.session.expire_all()
    assert db.session.get_one(Topic, topic.id).replies == 0


def test_reactions_are_counted_once_each(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    topic = village.topic()
    url = f"/posts/{topic.first_post_id}/reactions"
    for who in ("lina", "wangqiang", "wangqiang"):
        client_of(village.cast[who]).post(url, data={"kind": "like", "on": "1"})
    client_of(village.cast["wangqiang"]).post(url, data={"kind": "useful", "on": "1"})
    client_of(village.cast["lina"]).post(url, data={"kind": "like", "on": "0"})
    db.session.expire_all()
    assert db.session.scalars(select(Post.reactions)).one() == {"like": 1, "useful": 1}
    assert db.session.get_one(Topic, topic.id).reactions == 2
    unknown = client_of(village.cast["lina"]).post(url, data={"kind": "angry", "on": "1"})
    assert unknown.status_code == 422


def test_a_pressed_button_gets_its_post_back(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    answer = client_of(village.cast["wangqiang"]).post(
        f"/posts/{topic.first_post_id}/reactions?kind=like&on=1", headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200 and answer.text.count("<article") == 1
    assert 'aria-pressed="true"' in answer.text


def test_bookmarks(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    assert "还没有收藏" in wangqiang.get("/me/bookmarks").text
    wangqiang.post(f"/posts/{topic.first_post_id}/bookmark", data={"on": "1"})
    assert "手冲总是发酸" in wangqiang.get("/me/bookmarks").text
    wangqiang.post(f"/posts/{topic.first_post_id}/bookmark", data={"on": "0"})
    assert "还没有收藏" in wangqiang.get("/me/bookmarks").text


def test_unread_marks_come_and_go(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    group = f"/groups/{village.group.id}"
    unread = "topic-item--unread"
    assert unread in wangqiang.get(group).text
    wangqiang.post(f"/topics/{topic.id}/read", data={"last": str(topic.first_post_id)})
    assert unread not in wangqiang.get(group).text
    village.reply(topic, "新的", who="lina")
    assert unread in wangqiang.get(group).text
    wangqiang.post(f"/topics/{topic.id}/level", data={"level": "muted"})
    assert unread not in wangqiang.get(group).text


def test_a_line_stands_before_what_is_new(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    url = f"/topics/{topic.id}"
    assert "以下是新的" not in wangqiang.get(url).text, "everything is new"
    wangqiang.post(f"{url}/read", data={"last": str(topic.first_post_id)})
    assert "以下是新的" not in wangqiang.get(url).text
    village.reply(topic, "刚来的", who="lina")
    page = wangqiang.get(url).text
    assert page.index("粉是中细研磨") < page.index("以下是新的") < page.index("刚来的")


def test_reading_beyond_the_end_marks_only_what_is_there(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    wangqiang.post(f"/topics/{topic.id}/read", data={"last": "999999"})
    village.reply(topic, "新的", who="lina")
    assert "topic-item--unread" in wangqiang.get(f"/groups/{village.group.id}").text
