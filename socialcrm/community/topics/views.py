"""Pages of topics and posts."""

from __future__ import annotations

import hashlib
from typing import Any

from apiflask import APIBlueprint
from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import Account
from ...accounts.session import current_account, require_account
from ...database import transaction
from ...errors import Forbidden, Invalid, NotFound, SocialError
from ...uploads import checked_key, keep_images, picture_answer
from ...web import limiter, takes_uploads, whole_number
from ..access import (
    GroupView,
    PostView,
    TopicView,
    file_for,
    group_for,
    own_post_for,
    post_for,
    topic_for,
    topics_visible_to,
)
from ..groups.queries import rules_in_force, writable_groups
from ..sentences import sentence
from . import actions, queries
from .forms import EditForm, PostForm, TopicForm

bp = APIBlueprint("topics", __name__, enable_openapi=False)


@bp.get("/topics/new")
def choose_group() -> ResponseReturnValue:
    """Where to open a topic: the person's groups."""
    groups = writable_groups(require_account())
    if len(groups) == 1:
        return redirect(url_for("topics.new", group_id=groups[0].id))
    return render_template("community/choose_group.html", groups=groups)


@bp.get("/groups/<int:group_id>/topics/new")
def new(group_id: int) -> str:
    """The form of a new topic, with the draft if there is one."""
    account = require_account()
    group = group_for(account, group_id, "write")
    draft = queries.draft_at(account, f"group:{group_id}")
    form = TopicForm(formdata=None, title=draft.title if draft else "", text=draft.text if draft else "")
    return render_template("community/new_topic.html", group=group, form=form)


@bp.post("/groups/<int:group_id>/topics/new")
@takes_uploads
@limiter.limit("10 per minute")
def open_topic(group_id: int) -> ResponseReturnValue:
    """Open the topic; what is wrong is said in place and the text is kept as a draft."""
    account = require_account()
    group = group_for(account, group_id, "write")
    form = TopicForm()
    place = f"group:{group_id}"
    if not form.validate():
        return _refused_topic(group, form, None), 422
    try:
        images = keep_images(form.images.data or ())
        with transaction():
            topic = actions.open_topic(
                account.customer_id,
                group_id,
                form.title.data or "",
                form.text.data or "",
                acting=account.id,
                images=images,
                once=_once(account, form.once.data, form.title.data, form.text.data),
            )
            actions.save_draft(account.customer_id, place, "")
            actions.mark_read(account.customer_id, topic.id, topic.first_post_id or 0)
            topic_id, held = topic.id, topic.state == "held"
    except SocialError as error:
        _keep_draft(account, place, form.text.data or "", form.title.data or "")
        return _refused_topic(group, form, error), error.status
    if held:
        flash(_("话题已经收到，审核后会出现。"))
    return redirect(url_for("topics.show", topic_id=topic_id))


def _refused_topic(group: GroupView, form: TopicForm, error: SocialError | None) -> str:
    if error is not None:
        place = getattr(form, error.field or "text", form.text)
        place.errors = [*place.errors, sentence(error)]
    return render_template("community/new_topic.html", group=group, form=form)


def _once(account: Account, key: str | None, *written: str | None) -> str | None:
    """The submission's key, bound to its writer and to what was written.

    Nobody can claim another's, and a page that the browser brought back may send another text under the old key.
    """
    if not key:
        return None
    digest = hashlib.sha256("\0".join([key, *(text or "" for text in written)]).encode()).hexdigest()
    return f"{account.id}:{digest}"


def _keep_draft(account: Account, place: str, text: str, title: str = "") -> None:
    with transaction():
        actions.save_draft(account.customer_id, place, text, title)


@bp.get("/topics/<int:topic_id>")
def show(topic_id: int) -> str:
    """A topic: its posts in order, from the start, after a post, or before one."""
    account = current_account()
    topic = topic_for(account, topic_id)
    return _topic_page(topic, account, PostForm(formdata=None) if topic.may_reply else None)


def _topic_page(
    topic: TopicView, account: Account | None, form: PostForm | None, error: SocialError | None = None
) -> str:
    after, before = (
        request.args.get("after", type=whole_number),
        request.args.get("before", type=whole_number),
    )
    if request.args.get("latest") is not None:
        before = (topic.last_post_id or 0) + 1
    page = queries.post_page(topic, account, after=after, before=before)
    if before is not None and page.later == topic.last_post_id:
        page = queries.PostPage(page.posts, page.earlier, None)
    draft = queries.draft_at(account, f"topic:{topic.id}") if form is not None and not error else None
    if form is not None and draft is not None:
        form.text.data = draft.text
    return render_template(
        "community/topic.html",
        topic=topic,
        group=topic.group,
        page=page,
        marks=queries.own_marks([post.id for post in page.posts], account),
        form=form,
        error=sentence(error) if error else None,
        rules=rules_in_force(topic.group.id, topic.group.rules_version),
        last_id=page.posts[-1].id if page.posts else (topic.last_post_id or 0),
        unread_from=_first_unread(topic, page.posts),
    )


def _first_unread(topic: TopicView, posts: list[Any]) -> int | None:
    """Where 「以下是新的」 stands: before the first post not read yet, when others before it were."""
    new = [post.id for post in posts if post.id > topic.last_read_id]
    return new[0] if topic.last_read_id and new and new[0] != posts[0].id else None


@bp.get("/topics/<int:topic_id>/posts")
def posts_after(topic_id: int) -> ResponseReturnValue:
    """What came after the last post a page shows: HTML to append, 204 when there is nothing."""
    account = current_account()
    topic = topic_for(account, topic_id)
    page = queries.post_page(
        topic, account, after=request.args.get("after", 0, type=whole_number), size=queries.ARRIVALS_AT_ONCE
    )
    if not page.posts:
        return "", 204
    return _fragment(topic, account, page.posts)


@bp.get("/posts/<int:post_id>/fragment")
def fragment(post_id: int) -> ResponseReturnValue:
    """One post as the page shows it now: edited, hidden, with its reactions."""
    account = current_account()
    post = post_for_anyone(account, post_id)
    row = queries.one_post(post.topic, account, post_id)
    if row is None:
        raise NotFound
    return _fragment(post.topic, account, [row])


def post_for_anyone(account: Account | None, post_id: int) -> PostView:
    """The post's place even when its text is hidden: the page keeps a line that says so."""
    topic_id = queries.topic_of(post_id)
    if topic_id is None:
        raise NotFound
    return PostView(post_id, 0, 0, "", "", 0, topic_for(account, topic_id))


def _fragment(topic: TopicView, account: Account | None, posts: list[Any]) -> str:
    return render_template(
        "community/_posts.html",
        topic=topic,
        group=topic.group,
        posts=posts,
        marks=queries.own_marks([post.id for post in posts], account),
        unread_from=None,
    )


@bp.post("/topics/<int:topic_id>/posts")
@takes_uploads
@limiter.limit("60 per minute")
def reply(topic_id: int) -> ResponseReturnValue:
    """Publish a reply; what is wrong is said in place and the text is kept as a draft."""
    account = require_account()
    topic = topic_for(account, topic_id, "write")
    if not topic.may_reply:
        raise Forbidden("topic_closed")
    form = PostForm()
    place = f"topic:{topic_id}"
    try:
        if not form.validate():
            raise Invalid("form_invalid", field="text")
        images = keep_images(form.images.data or ())
        with transaction():
            post = actions.publish_post(
                account.customer_id,
                topic_id,
                form.text.data or "",
                acting=account.id,
                images=images,
                reply_to=form.reply_to.data,
                once=_once(account, form.once.data, form.text.data),
            )
            actions.save_draft(account.customer_id, place, "")
            actions.mark_read(account.customer_id, topic_id, post.id)
            post_id, held = post.id, post.state == "held"
    except SocialError as error:
        _keep_draft(account, place, form.text.data or "")
        return _refused_reply(topic, account, form, error)
    if held:
        flash(_("回复已经收到，审核后会出现。"))
    if request.headers.get("HX-Request"):
        answer = Response(status=204)
        answer.headers["HX-Trigger"] = "post-published"
        return answer
    return redirect(url_for("topics.at_post", post_id=post_id))


def _refused_reply(
    topic: TopicView, account: Account, form: PostForm, error: SocialError
) -> ResponseReturnValue:
    return _topic_page(topic_for(account, topic.id), account, form, error), error.status


@bp.get("/posts/<int:post_id>")
def at_post(post_id: int) -> ResponseReturnValue:
    """Lead to the page of the topic that shows the post."""
    post = post_for(current_account(), post_id)
    start = queries.page_start(post.topic, current_account(), post_id)
    # A value of None leaves the parameter out.
    after = start or None
    return redirect(url_for("topics.show", topic_id=post.topic.id, _anchor=f"post-{post_id}", after=after))


@bp.get("/posts/<int:post_id>/edit")
def edit(post_id: int) -> str:
    """The form of an edit."""
    post = own_post_for(require_account(), post_id)
    form = EditForm(formdata=None, title=post.topic.title, text=post.text, version=post.version)
    return render_template("community/edit_post.html", post=post, topic=post.topic, form=form)


@bp.post("/posts/<int:post_id>/edit")
def save_edit(post_id: int) -> ResponseReturnValue:
    """Save the edit."""
    account = require_account()
    post = own_post_for(account, post_id)
    form = EditForm()
    try:
        if not form.validate():
            raise Invalid("form_invalid", field="text")
        with transaction():
            actions.edit_post(
                post_id,
                form.text.data or "",
                editor_id=account.customer_id,
                acting=account.id,
                version=form.version.data or 0,
                title=form.title.data if post.number == 1 else None,
            )
    except SocialError as error:
        place = getattr(form, error.field or "text", form.text)
        place.errors = [*place.errors, sentence(error)]
        page = render_template("community/edit_post.html", post=post, topic=post.topic, form=form)
        return page, error.status
    return redirect(url_for("topics.at_post", post_id=post_id))


@bp.get("/posts/<int:post_id>/history")
def history(post_id: int) -> str:
    """What the post said before."""
    post = post_for(current_account(), post_id)
    row = queries.one_post(post.topic, current_account(), post_id)
    return render_template(
        "community/history.html", post=post, now=row, topic=post.topic, versions=queries.versions_of(post_id)
    )


@bp.post("/posts/<int:post_id>/delete")
def delete_post(post_id: int) -> ResponseReturnValue:
    """Take back an own post."""
    post = own_post_for(require_account(), post_id)
    try:
        with transaction():
            actions.delete_own_post(post_id)
    except SocialError as error:
        flash(sentence(error), "error")
        return redirect(url_for("topics.show", topic_id=post.topic.id))
    if post.number == 1:
        return redirect(url_for("groups.show", group_id=post.topic.group.id))
    return redirect(url_for("topics.show", topic_id=post.topic.id))


@bp.post("/posts/<int:post_id>/reactions")
def react(post_id: int) -> ResponseReturnValue:
    """Give or take back a reaction (form: kind, on)."""
    account = require_account()
    post = post_for(account, post_id, "write")
    with transaction():
        actions.set_reaction(
            post_id, account.customer_id, request.values.get("kind", ""), on=request.values.get("on") == "1"
        )
    return _changed(post, account)


@bp.post("/posts/<int:post_id>/bookmark")
def bookmark(post_id: int) -> ResponseReturnValue:
    """Keep a post, or no longer (form: on)."""
    account = require_account()
    post = post_for(account, post_id)
    with transaction():
        actions.set_bookmark(post_id, account.customer_id, on=request.values.get("on") == "1")
    return _changed(post, account)


def _changed(post: PostView, account: Account) -> ResponseReturnValue:
    """The post as it is now for htmx, the page for a plain form."""
    if not request.headers.get("HX-Request"):
        return redirect(url_for("topics.at_post", post_id=post.id))
    row = queries.one_post(post.topic, account, post.id)
    if row is None:
        raise NotFound
    return _fragment(post.topic, account, [row])


@bp.get("/me/bookmarks")
def bookmarks() -> str:
    """Kept posts."""
    account = require_account()
    rows = queries.bookmarks_of(account, topics_visible_to(account), request.args.get("before"))
    more = len(rows) > queries.TOPICS_A_PAGE
    shown = rows[: queries.TOPICS_A_PAGE]
    following = queries.write_key(shown[-1].at, shown[-1].id) if more else None
    return render_template("community/bookmarks.html", posts=shown, next=following)


@bp.post("/drafts")
def save_draft() -> ResponseReturnValue:
    """Keep a draft (form: place, text, title); the page calls this while somebody writes."""
    account = require_account()
    place = request.form.get("place", "")
    kind, _colon, number = place.partition(":")
    if kind not in ("topic", "group") or not number.isdecimal() or len(number) > 17:
        raise Invalid("unknown_place", field="place")
    if kind == "topic":
        topic_for(account, int(number), "write")
    else:
        group_for(account, int(number), "write")
    _keep_draft(account, place, request.form.get("text", ""), request.form.get("title", ""))
    return "", 204


@bp.post("/topics/<int:topic_id>/read")
def read(topic_id: int) -> ResponseReturnValue:
    """Remember how far this person has read (form or query: last)."""
    account = require_account()
    topic = topic_for(account, topic_id)
    last = min(request.values.get("last", 0, type=whole_number), topic.last_post_id or 0)
    if last > topic.last_read_id:
        with transaction():
            actions.mark_read(account.customer_id, topic_id, last)
    return "", 204


@bp.post("/topics/<int:topic_id>/level")
def set_level(topic_id: int) -> ResponseReturnValue:
    """How much this person wants to hear of the topic (form: level, empty follows the group)."""
    account = require_account()
    topic_for(account, topic_id)
    with transaction():
        actions.set_topic_level(account.customer_id, topic_id, request.form.get("level") or None)
    return redirect(url_for("topics.show", topic_id=topic_id))


@bp.get("/groups/<int:group_id>/mentions")
def mentions(group_id: int) -> Response:
    """Who can be named with `@`: [{name, insert, more}]."""
    group_for(require_account(), group_id, "write")
    people = queries.people_to_mention(group_id, request.args.get("q", "").strip()[:60])
    names = [person.display_name for person in people]
    return jsonify(
        [
            {
                "name": person.display_name,
                "insert": f"@{person.display_name}"
                + (f"#{person.id}" if names.count(person.display_name) > 1 else ""),
                "more": person.bio[:40],
            }
            for person in people
        ]
    )


@bp.get("/files/<key>")
def file(key: str) -> ResponseReturnValue:
    """An uploaded picture, for who may see where it is shown; its key is its content, so it never changes."""
    file_for(current_account(), checked_key(key))
    return picture_answer(key)
