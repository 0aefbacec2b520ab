"""Pages of moderation: deeds on topics and posts, reports, the review queue, the public log, word rules."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import MANAGER_ROLES
from ...accounts.session import current_account, require_account, require_role
from ...database import transaction
from ...errors import SocialError
from ...web import limiter, whole_number
from ..access import group_for, post_for, topic_for
from ..groups.queries import moderated_groups
from ..sentences import sentence
from . import actions, queries
from .forms import ReasonForm, ReportForm, WordForm

bp = APIBlueprint("moderation", __name__, enable_openapi=False)


def _do(deed: Callable[[], object], url: str) -> ResponseReturnValue:
    """Carry out a deed and lead to `url`; what goes wrong is said there."""
    try:
        with transaction():
            deed()
    except SocialError as error:
        flash(sentence(error), "error")
    return redirect(url)


@bp.post("/topics/<int:topic_id>/pin")
def pin(topic_id: int) -> ResponseReturnValue:
    """Pin or unpin (form: on)."""
    account = require_account()
    topic_for(account, topic_id, "moderate")
    on = request.form.get("on") == "1"
    return _do(
        lambda: actions.pin_topic(topic_id, account.id, on=on), url_for("topics.show", topic_id=topic_id)
    )


@bp.get("/topics/<int:topic_id>/close")
def close_page(topic_id: int) -> str:
    """Ask for the reason of closing."""
    topic = topic_for(require_account(), topic_id, "moderate")
    return render_template(
        "community/reason.html",
        form=ReasonForm(formdata=None),
        deed="close",
        title=topic.title,
        action=url_for("moderation.close", topic_id=topic_id),
        back=url_for("topics.show", topic_id=topic_id),
    )


@bp.post("/topics/<int:topic_id>/close")
def close(topic_id: int) -> ResponseReturnValue:
    """Close (with a reason) or open again (form: on, reason)."""
    account = require_account()
    topic_for(account, topic_id, "moderate")
    on = request.form.get("on", "1") == "1"
    reason = request.form.get("reason", "")
    here = url_for("topics.show", topic_id=topic_id)
    return _do(lambda: actions.close_topic(topic_id, account.id, on=on, reason=reason), here)


@bp.get("/topics/<int:topic_id>/move")
def move_page(topic_id: int) -> str:
    """Ask where to move it, and why."""
    account = require_account()
    topic = topic_for(account, topic_id, "moderate")
    groups = [(group.id, group.name) for group in moderated_groups(account) if group.id != topic.group.id]
    return render_template("community/move.html", form=ReasonForm(formdata=None), groups=groups, topic=topic)


@bp.post("/topics/<int:topic_id>/move")
def move(topic_id: int) -> ResponseReturnValue:
    """Move to another group this person moderates (form: group, reason)."""
    account = require_account()
    topic_for(account, topic_id, "moderate")
    target = group_for(account, request.form.get("group", 0, type=whole_number), "moderate")
    reason = request.form.get("reason", "")
    here = url_for("topics.show", topic_id=topic_id)
    return _do(lambda: actions.move_topic(topic_id, target.id, account.id, reason=reason), here)


@bp.get("/posts/<int:post_id>/hide")
def hide_page(post_id: int) -> str:
    """Ask for the reason of hiding."""
    post = post_for(require_account(), post_id, "moderate")
    return render_template(
        "community/reason.html",
        form=ReasonForm(formdata=None),
        deed="hide",
        title=post.topic.title,
        text=post.text,
        action=url_for("moderation.hide", post_id=post_id),
        back=url_for("topics.at_post", post_id=post_id),
    )


@bp.post("/posts/<int:post_id>/hide")
def hide(post_id: int) -> ResponseReturnValue:
    """Hide a post (form: reason)."""
    account = require_account()
    post_for(account, post_id, "moderate")
    reason = request.form.get("reason", "")
    return _do(
        lambda: actions.hide_post(post_id, account.id, reason=reason),
        url_for("topics.at_post", post_id=post_id),
    )


@bp.post("/posts/<int:post_id>/restore")
def restore(post_id: int) -> ResponseReturnValue:
    """Show a hidden post again, or release a held one (form: reason, next)."""
    account = require_account()
    post_for(account, post_id, "moderate")
    reason = request.form.get("reason", "")
    here = url_for("moderation.queue") if request.form.get("queue") else None
    return _do(
        lambda: actions.restore_post(post_id, account.id, reason=reason),
        here or url_for("topics.at_post", post_id=post_id),
    )


@bp.get("/groups/<int:group_id>/moderation-log")
def log(group_id: int) -> str:
    """The public log of a group: what was done to what, why, when; not by whom."""
    group = group_for(current_account(), group_id)
    entries = queries.log_page(group_id, before_id=request.args.get("before", type=whole_number))
    more = len(entries) > queries.ENTRIES_A_PAGE
    shown = entries[: queries.ENTRIES_A_PAGE]
    return render_template(
        "community/log.html", group=group, entries=shown, next=shown[-1].id if more else None
    )


@bp.get("/posts/<int:post_id>/report")
def report_page(post_id: int) -> str:
    """The form of a report."""
    post = post_for(require_account(), post_id)
    return render_template("community/report.html", post=post, form=ReportForm(formdata=None))


@bp.post("/posts/<int:post_id>/report")
@limiter.limit("30 per hour")
def report(post_id: int) -> ResponseReturnValue:
    """Hand in a report."""
    account = require_account()
    post = post_for(account, post_id)
    form = ReportForm()
    if not form.validate():
        return render_template("community/report.html", post=post, form=form), 422
    here = url_for("topics.at_post", post_id=post_id)
    try:
        with transaction():
            actions.report_post(
                post_id, account.customer_id, reason=form.reason.data, text=form.text.data or ""
            )
    except SocialError as error:
        flash(sentence(error), "error")
        return redirect(here)
    flash(_("收到，我们会看。处理结果会通知你。"))
    return redirect(here)


@bp.get("/manage/moderation")
def queue() -> str:
    """What waits for a reviewer: reported posts and posts a word rule holds."""
    require_role(*MANAGER_ROLES)
    return render_template(
        "community/queue.html",
        reported=queries.reported_posts(after_id=request.args.get("after", 0, type=whole_number)),
        held=queries.held_posts(),
    )


@bp.post("/posts/<int:post_id>/reports")
def decide(post_id: int) -> ResponseReturnValue:
    """Decide the reports of a post (form: uphold, answer)."""
    account = require_account()
    post_for(account, post_id, "moderate")
    uphold = request.form.get("uphold") == "1"
    answer = request.form.get("answer", "")
    return _do(
        lambda: actions.decide_reports(post_id, account.id, uphold=uphold, answer=answer),
        url_for("moderation.queue") if account.manages else url_for("topics.at_post", post_id=post_id),
    )


@bp.get("/manage/words")
def words() -> str:
    """The sensitive-word rules."""
    require_role("admin")
    return render_template(
        "community/words.html", rules=queries.word_rule_rows(), form=WordForm(formdata=None)
    )


@bp.post("/manage/words")
def put_word() -> ResponseReturnValue:
    """Add a rule, or change what it does."""
    account = require_role("admin")
    form = WordForm()
    if not form.validate():
        return render_template("community/words.html", rules=queries.word_rule_rows(), form=form), 422
    word, deed = form.word.data or "", form.deed.data
    return _do(lambda: actions.put_word_rule(word, deed, account), url_for("moderation.words"))


@bp.post("/manage/words/<int:rule_id>/remove")
def remove_word(rule_id: int) -> ResponseReturnValue:
    """Take a rule out of force."""
    require_role("admin")
    return _do(lambda: actions.remove_word_rule(rule_id), url_for("moderation.words"))
