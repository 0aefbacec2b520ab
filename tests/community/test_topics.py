"""Opening topics and replying: what is stored, shown and announced."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.queries import post_facts
from socialcrm.community.topics.models import Mention, Post, Topic
from socialcrm.database import db
from socialcrm.events import EventRow

from .conftest import Village

ClientOf = Callable[[Account], FlaskClient]


def test_a_member_opens_a_topic_and_everybody_reads_it(
    village: Village, client: FlaskClient, client_of: ClientOf
) -> None:
    answer = client_of(village.cast["lina"]).post(
        f"/groups/{village.group.id}/topics/new",
        data={"title": "手冲总是发酸", "text": "水温 **92** 度", "once": "a"},
    )
    topic = db.session.scalars(select(Topic)).one()
    assert answer.location == f"/topics/{topic.id}"
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "手冲总是发酸" in page.text and "<strong>92</strong>" in page.text and "李娜" in page.text
    names = list(db.session.scalars(select(EventRow.name).order_by(EventRow.id)))
    assert names[-2:] == ["TopicOpened", "PostPublished"]


def test_a_reply_is_appended_and_counted(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    answer = wangqiang.post(f"/topics/{topic.id}/posts", data={"text": "试试 94 度", "once": "b"})
    post = db.session.scalars(select(Post).where(Post.number == 2)).one()
    assert answer.location == f"/posts/{post.id}"
    assert wangqiang.get(answer.location).location == f"/topics/{topic.id}#post-{post.id}"
    db.session.refresh(topic)
    assert (topic.replies, topic.last_post_id) == (1, post.id)
    event = db.session.scalars(select(EventRow).order_by(EventRow.id.desc())).first()
    assert event is not None and event.payload == {
        "post_id": post.id,
        "topic_id": topic.id,
        "group_id": village.group.id,
        "author_id": village.cast["wangqiang"].customer_id,
    }


def test_the_same_submission_twice_is_one_post(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    for _ in range(2):
        wangqiang.post(f"/topics/{topic.id}/posts", data={"text": "试试 94 度", "once": "b"})
    assert db.session.scalar(select(db.func.count()).select_from(Post)) == 2


def test_another_text_under_the_same_key_is_not_swallowed(village: Village, client_of: ClientOf) -> None:
    """A page brought back by the browser still holds the key of the reply that was sent from it."""
    topic = village.topic()
    wangqiang = client_of(village.cast["wangqiang"])
    wangqiang.post(f"/topics/{topic.id}/posts", data={"text": "试试 94 度", "once": "b"})
    wangqiang.post(f"/topics/{topic.id}/posts", data={"text": "还有水质", "once": "b"})
    assert db.session.scalar(select(db.func.count()).select_from(Post)) == 3


def test_a_page_asks_for_what_came_after_its_last_post(village: Village, client: FlaskClient) -> None:
    topic = village.topic()
    last = topic.first_post_id
    assert client.get(f"/topics/{topic.id}/posts?after={last}").status_code == 204
    reply = village.reply(topic, "试试 94 度")
    fragment = client.get(f"/topics/{topic.id}/posts?after={last}").text
    assert f'data-id="{reply.id}"' in fragment and "试试 94 度" in fragment and "<html" not in fragment


def test_a_mention_is_kept_with_the_person(village: Village, client: FlaskClient) -> None:
    topic = village.topic()
    reply = village.reply(topic, "@李娜你好，水温多少？")
    mention = db.session.scalars(select(Mention)).one()
    assert (mention.post_id, mention.customer_id) == (reply.id, village.cast["lina"].customer_id)
    assert '<span class="mention">@李娜</span>你好' in client.get(f"/topics/{topic.id}").text


def test_an_empty_text_is_refused_in_place(village: Village, client_of: ClientOf) -> None:
    topic = village.topic()
    answer = client_of(village.cast["lina"]).post(f"/topics/{topic.id}/posts", data={"text": " "})
    assert answer.status_code == 422 and "写几个字" in answer.text


def test_a_refused_topic_keeps_what_was_typed(village: Village, client_of: ClientOf) -> None:
    lina = client_of(village.cast["lina"])
    url = f"/groups/{village.group.id}/topics/new"
    answer = lina.post(url, data={"title": "", "text": "写了很久的正文"})
    assert answer.status_code == 422 and "写了很久的正文" in answer.text and "写一个标题" in answer.text
    assert "写了很久的正文" in lina.get(url).text, "the draft brings it back"


def test_what_others_ask_of_posts(village: Village) -> None:
    topic = village.topic()
    reply = village.reply(topic, "> 水温\n\n试试 94 度")
    facts = post_facts(reply.id)
    assert (facts.group_name, facts.number, facts.excerpt) == ("咖啡品鉴交流", 2, "试试 94 度")
    assert facts.author_id == village.cast["wangqiang"].customer_id and facts.url == f"/posts/{reply.id}"
    assert facts.text == "> 水温\n\n试试 94 度"


def test_old_posts_come_by_key(village: Village, client: FlaskClient) -> None:
    topic = village.topic()
    posts = [village.reply(topic, f"第{n}次") for n in range(45)]
    first = client.get(f"/topics/{topic.id}").text
    assert (
        "第18次" in first
        and "第19次" not in first
        and "data-live-src" not in first.split("acts")[0].split("posts")[-1]
    )
    second = client.get(f"/topics/{topic.id}?after={posts[18].id}").text
    assert "第19次" in second and "第38次" in second and "第39次" not in second
    latest = client.get(f"/topics/{topic.id}?latest=1").text
    assert "第44次" in latest and "第25次" in latest and "第24次" not in latest
    assert f'data-live-last="{posts[44].id}"' in latest
    landed = client.get(client.get(f"/posts/{posts[30].id}").location.split("#")[0]).text
    assert "第30次" in landed
