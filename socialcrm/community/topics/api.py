"""Groups and posts through the API: listed, read with what the engine says of them, written for a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select
from sqlalchemy.orm import load_only

from ...accounts.models import Account
from ...api import PREFIX
from ...api.access import current_caller, needs
from ...api.fields import Answer, Body, Facts, Items, Moment, PageAnswer, PageQuery, Part, Text, Whole
from ...api.lists import list_page
from ...customers.access import customer_for_program
from ...database import db, transaction
from ...errors import Forbidden, Invalid, NotFound
from ...sentiment.models import OpinionRow
from ..access import group_for, topic_for
from ..groups.models import Group, Membership
from ..queries import PostFacts, facts_of_posts, post_facts
from .actions import MAX_TEXT, MAX_TITLE, open_topic, publish_post
from .models import Post, Topic

bp = APIBlueprint("posts_api", __name__, url_prefix=PREFIX, tag="Community")


class GroupOut(Answer):
    id = Whole(required=True)
    name = Text(required=True)
    kind = Text(required=True)
    access = Text(required=True)
    members = Whole(required=True)
    topics = Whole(required=True)


class GroupsOut(PageAnswer):
    items = Items(Part(GroupOut), required=True)


class PostOut(Answer):
    id = Whole(required=True, attribute="post_id")
    group_id = Whole(required=True)
    topic_id = Whole(required=True)
    topic_title = Text(required=True)
    number = Whole(required=True, metadata={"description": "1 for a topic's first text"})
    author_id = Whole(required=True, metadata={"description": "the customer who wrote it"})
    text = Text(required=True, metadata={"description": "Markdown"})
    state = Text(required=True, metadata={"description": "published, held, hidden or deleted"})
    channel = Text(required=True, metadata={"description": "community, import or api"})
    url = Text(required=True)
    at = Moment(required=True)


class ReadPostOut(PostOut):
    opinion = Facts(
        required=True,
        allow_none=True,
        metadata={"description": "what the engine says; null until it was read"},
    )


class PostsOut(PageAnswer):
    items = Items(Part(PostOut), required=True)


class PostQuery(PageQuery):
    group_id = Whole(strict=False)
    customer_id = Whole(strict=False)


class PostIn(Body):
    customer_id = Whole(1, required=True, metadata={"description": "on whose behalf"})
    topic_id = Whole(1, metadata={"description": "the topic to reply in"})
    group_id = Whole(1, metadata={"description": "the group to open a topic in, with a title"})
    title = Text(MAX_TITLE, 1)
    text = Text(MAX_TEXT, 1, required=True)
    at = Moment()


@bp.get("/groups")
@needs("posts:read")
@bp.input(PageQuery, location="query")
@bp.output(GroupsOut)
def list_groups(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List groups, newest first"""
    return list_page(select(Group), query_data, Group.id)


@bp.get("/posts")
@needs("posts:read")
@bp.input(PostQuery, location="query")
@bp.output(PostsOut)
def list_posts(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List published posts, newest first, of one group or customer if asked"""
    query = select(Post).options(load_only(Post.id)).where(Post.state == "published")
    if "group_id" in query_data:
        query = query.join(Topic, Topic.id == Post.topic_id).where(Topic.group_id == query_data["group_id"])
    if "customer_id" in query_data:
        query = query.where(Post.author_id == query_data["customer_id"])
    page = list_page(query, query_data, Post.id)
    facts = facts_of_posts(post.id for post in page["items"])
    return page | {"items": [facts[post.id] for post in page["items"]]}


@bp.get("/posts/<int:post_id>")
@needs("posts:read")
@bp.output(ReadPostOut)
def show_post(post_id: int) -> dict[str, Any]:
    """Show one post with what the sentiment engine says of it"""
    return _read_post(post_facts(post_id))


@bp.post("/posts")
@needs("posts:write")
@bp.input(PostIn)
@bp.output(ReadPostOut)
def write_post(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Write on behalf of a customer

    With `topic_id` a reply, with `group_id` and `title` a new topic. Where only members write, the customer must be
    one. Word rules apply: a post may come back `held`. It is read by the engine within seconds.
    """
    caller = current_caller()
    given: dict[str, Any] = {"acting": caller.made_by_id, "at": json_data.get("at"), "channel": "api"}
    with transaction():
        author = customer_for_program(json_data["customer_id"]).id
        if "topic_id" in json_data:
            post_id = publish_post(
                author, _topic(author, json_data["topic_id"]), json_data["text"], **given
            ).id
        elif "group_id" in json_data and "title" in json_data:
            _may_write(author, json_data["group_id"])
            topic = open_topic(author, json_data["group_id"], json_data["title"], json_data["text"], **given)
            assert topic.first_post_id is not None
            post_id = topic.first_post_id
        else:
            raise Invalid("place_missing", field="topic_id")
    return _read_post(post_facts(post_id))


def _topic(author: int, topic_id: int) -> int:
    """The topic's id when the author may reply there; the same door as the page where there is an account."""
    account = db.session.scalar(select(Account).where(Account.customer_id == author))
    if account is not None:
        if not topic_for(account, topic_id).may_reply:
            raise Forbidden("join_to_write")
        return topic_id
    topic = db.session.get(Topic, topic_id)
    if topic is None:
        raise NotFound("topic_unknown")
    _may_write(author, topic.group_id)
    if topic.closed:
        raise Forbidden("topic_closed")
    return topic_id


def _may_write(author: int, group_id: int) -> None:
    """With an account the page's own door; a customer without one writes where everybody may read, or as a member."""
    account = db.session.scalar(select(Account).where(Account.customer_id == author))
    if account is not None:
        group_for(account, group_id, "write")
        return
    group = db.session.get(Group, group_id)
    if group is None:
        raise NotFound("group_unknown")
    member = select(Membership.group_id).where(
        Membership.group_id == group_id, Membership.customer_id == author, Membership.state == "active"
    )
    if group.access != "public" and db.session.scalar(member) is None:
        raise Forbidden("join_to_write")


def _read_post(facts: PostFacts) -> dict[str, Any]:
    opinion = db.session.scalar(
        select(OpinionRow.answer).where(OpinionRow.subject == "post", OpinionRow.subject_id == facts.post_id)
    )
    return {**vars(facts), "opinion": opinion}
