"""Pages of groups and their members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from apiflask import APIBlueprint
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import MANAGER_ROLES
from ...accounts.session import current_account, require_account, require_role
from ...database import transaction, utcnow
from ...days import begin_of, today, zone
from ...errors import Conflict, Invalid, JoinFirst, SocialError, answer_error, wants_json
from ...uploads import keep_image
from ...web import takes_uploads
from ..access import GroupView, group_for
from ..moderation.actions import note_deed
from ..sentences import sentence
from ..topics.forms import fresh_key
from ..topics.queries import read_key, topic_page, unread, write_key
from . import actions, queries
from .forms import GroupForm, InviteForm, JoinForm
from .models import KINDS

bp = APIBlueprint("groups", __name__, enable_openapi=False)


@bp.app_errorhandler(JoinFirst)
def lead_to_the_front(error: JoinFirst) -> ResponseReturnValue:
    """Who opens something inside a group is led to its front: what it is, its rules, the way in."""
    if request.method != "GET" or request.headers.get("HX-Request") or wants_json():
        return answer_error(error)
    flash(_("加入以后才能看到里面的内容。"))
    return redirect(url_for("groups.show", group_id=error.facts["group_id"]))


def day_began() -> datetime:
    """When today began in the brand's zone."""
    return begin_of(today(), zone())


@bp.get("/groups")
def index() -> str:
    """All groups this person may see, by kind, or only theirs."""
    account = current_account()
    kind = request.args.get("kind")
    mine = account is not None and kind == "mine"
    groups, following = queries.group_cards(
        account,
        kind=kind if kind in KINDS else None,
        mine=mine,
        before=request.args.get("before"),
    )
    return render_template(
        _page("groups"),
        groups=groups,
        new_topics=queries.new_topics_of([group.id for group in groups], day_began()),
        kind=kind if mine or kind in KINDS else "",
        next=following,
    )


def _page(name: str) -> str:
    """The whole page, or for htmx asking for more only its rows."""
    more = request.headers.get("HX-Request") and request.args.get("before")
    return f"community/_{name}_rows.html" if more else f"community/{name}.html"


@bp.get("/groups/<int:group_id>")
def show(group_id: int) -> str:
    """A group's home: its topics, pinned ones first, then by last activity."""
    account = current_account()
    invitation = request.args.get("invite")
    group = group_for(account, group_id, invitation=invitation)
    page = topic_page(group_id, account, request.args.get("before")) if group.rights.read else None
    return render_template(
        _page("group"),
        group=group,
        page=page,
        unread=unread,
        keepers=queries.keepers(group_id),
        faces=queries.faces(group_id) if group.rights.read else [],
        rules=queries.rules_in_force(group_id, group.rules_version),
        invitation=invitation,
        newest=write_key(utcnow(), 0),
    )


@bp.get("/groups/<int:group_id>/arrivals")
def arrivals(group_id: int) -> ResponseReturnValue:
    """A line for an open group page: how many topics have something new since it was shown (query: since)."""
    group = group_for(current_account(), group_id, "read")
    key = read_key(request.args.get("since"))
    number = queries.active_topics_since(group_id, key[0]) if key else 0
    return render_template("community/_arrivals.html", group=group, number=number)


@bp.get("/groups/<int:group_id>/join")
def join_page(group_id: int) -> ResponseReturnValue:
    """The rules, to be read and accepted."""
    account = require_account()
    group = group_for(account, group_id, invitation=request.args.get("invite"))
    return _join_page(group)


def _join_page(group: GroupView, error: SocialError | None = None) -> str:
    rules = queries.rules_in_force(group.id, group.rules_version)
    form = JoinForm(formdata=None, version=group.rules_version, invitation=request.values.get("invite", ""))
    return render_template(
        "community/join.html", group=group, rules=rules, form=form, error=sentence(error) if error else None
    )


@bp.post("/groups/<int:group_id>/join")
def join(group_id: int) -> ResponseReturnValue:
    """Join, or ask to be let in; for a member: accept the rules that changed."""
    account = require_account()
    form = JoinForm()
    invitation = form.invitation.data or request.args.get("invite")
    group = group_for(account, group_id, invitation=invitation)
    try:
        with transaction():
            if group.state == "active":
                actions.accept_rules(group_id, account.customer_id, form.version.data or 0)
                state = "active"
            else:
                state = actions.join_group(
                    group_id,
                    account.customer_id,
                    accepted_version=form.version.data or 0,
                    invitation=invitation,
                ).state
    except Conflict as error:
        return _join_page(group_for(account, group_id, invitation=invitation), error), 409
    if state == "requested":
        flash(_("申请已经送到群主那里，有结果会通知你。"))
    return redirect(url_for("groups.show", group_id=group_id))


@bp.post("/groups/<int:group_id>/leave")
def leave(group_id: int) -> ResponseReturnValue:
    """Leave the group; who asked takes the request back."""
    account = require_account()
    group_for(account, group_id)
    return _try(
        lambda: actions.leave_group(group_id, account.customer_id),
        url_for("groups.index"),
        url_for("groups.show", group_id=group_id),
    )


def _try(deed: Callable[[], object], done_url: str, failed_url: str) -> ResponseReturnValue:
    """Carry out a deed in a transaction; what goes wrong is said on the page it came from."""
    try:
        with transaction():
            deed()
    except (Conflict, Invalid) as error:
        flash(sentence(error), "error")
        return redirect(failed_url)
    return redirect(done_url)


@bp.post("/groups/<int:group_id>/level")
def set_level(group_id: int) -> ResponseReturnValue:
    """How much this member wants to hear of the group (form: level)."""
    account = require_account()
    group_for(account, group_id, "read")
    here = url_for("groups.show", group_id=group_id)
    level = request.form.get("level", "")
    return _try(lambda: actions.set_group_level(group_id, account.customer_id, level), here, here)


@bp.get("/groups/<int:group_id>/rules")
def rules(group_id: int) -> str:
    """The rules in force and every earlier version."""
    group = group_for(current_account(), group_id)
    return render_template("community/rules.html", group=group, versions=queries.rules_history(group_id))


@bp.get("/groups/<int:group_id>/members")
def members(group_id: int) -> str:
    """Who is in the group; for its moderators also who asks to be."""
    group = group_for(current_account(), group_id, "read")
    named = request.args.get("q", "").strip()[:40]
    people, following = queries.member_page(group_id, before=request.args.get("before"), named=named)
    keeps = group.rights.moderate
    return render_template(
        _page("members"),
        group=group,
        members=people,
        keepers=queries.keepers(group_id),
        requests=queries.requests_to_join(group_id) if keeps else [],
        next=following,
        named=named,
        invite_form=InviteForm(formdata=None) if keeps else None,
        invite_url=_invite_url(group) if keeps else None,
    )


def _invite_url(group: GroupView) -> str:
    code = queries.invitation_code(group.id)
    base: str = current_app.extensions["config"].base_url
    return base + url_for("groups.show", group_id=group.id, invite=code)


@bp.post("/groups/<int:group_id>/requests/<int:customer_id>")
def decide_request(group_id: int, customer_id: int) -> ResponseReturnValue:
    """Let in who asked, or not (form: let_in)."""
    group_for(require_account(), group_id, "moderate")
    here = url_for("groups.members", group_id=group_id)
    let_in = request.form.get("let_in") == "1"
    return _try(lambda: actions.decide_request(group_id, customer_id, let_in=let_in), here, here)


@bp.post("/groups/<int:group_id>/members/<int:customer_id>/role")
def set_role(group_id: int, customer_id: int) -> ResponseReturnValue:
    """Make a member moderator or leader, or member again (form: role)."""
    group_for(require_account(), group_id, "manage")
    here = url_for("groups.members", group_id=group_id)
    role = request.form.get("role", "")
    return _try(lambda: actions.set_member_role(group_id, customer_id, role), here, here)


@bp.post("/groups/<int:group_id>/members/<int:customer_id>/remove")
def remove(group_id: int, customer_id: int) -> ResponseReturnValue:
    """Remove a member, with a reason that stands in the public log (form: reason)."""
    account = require_account()
    leads = queries.leads(group_id, customer_id)
    group_for(account, group_id, "manage" if leads else "moderate")
    here = url_for("groups.members", group_id=group_id)
    reason = request.form.get("reason", "")

    def deed() -> None:
        note_deed("remove_member", group_id, account.id, reason=reason, reason_needed=True)
        actions.leave_group(group_id, customer_id, removed=True)

    return _try(deed, here, here)


@bp.post("/groups/<int:group_id>/invitations")
def invite(group_id: int) -> ResponseReturnValue:
    """Invite a customer by name (form: name, or name#number)."""
    account = require_account()
    group_for(account, group_id, "moderate")
    here = url_for("groups.members", group_id=group_id)

    def deed() -> None:
        customer_id = queries.customer_called(request.form.get("name", ""))
        actions.invite(group_id, customer_id, inviter_id=account.customer_id)

    return _try(deed, here, here)


@bp.get("/groups/new")
def new() -> str:
    """The form of a new group."""
    require_role(*MANAGER_ROLES)
    form = GroupForm(formdata=None, once=fresh_key())
    return render_template("community/group_form.html", form=form, group=None)


@bp.post("/groups/new")
@takes_uploads
def create() -> ResponseReturnValue:
    """Create the group; who creates it becomes its leader."""
    account = require_role(*MANAGER_ROLES)
    form = GroupForm()
    if not form.validate():
        return render_template("community/group_form.html", form=form, group=None), 422
    try:
        cover = keep_image(form.cover.data)
        with transaction():
            group_id = actions.create_group(
                form.name.data or "",
                kind=form.kind.data,
                access=form.access.data,
                description=form.description.data or "",
                rules=form.rules.data or "",
                cover=cover,
                leader_id=account.customer_id,
                once=f"{account.id}:{form.once.data}"[:120] if form.once.data else None,
            ).id
    except SocialError as error:
        return _refused(form, None, error)
    return redirect(url_for("groups.show", group_id=group_id))


def _refused(form: GroupForm, group: GroupView | None, error: SocialError) -> ResponseReturnValue:
    place = getattr(form, "cover" if error.field == "images" else error.field or "name", form.name)
    place.errors = [*place.errors, sentence(error)]
    return render_template("community/group_form.html", form=form, group=group), error.status


@bp.get("/groups/<int:group_id>/edit")
def edit(group_id: int) -> str:
    """The form of an existing group."""
    group = group_for(require_account(), group_id, "manage")
    rules = queries.rules_in_force(group_id, group.rules_version)
    form = GroupForm(
        formdata=None,
        name=group.name,
        kind=group.kind,
        access=group.access,
        description=group.description,
        rules=rules.text if rules else "",
    )
    return render_template("community/group_form.html", form=form, group=group)


@bp.post("/groups/<int:group_id>/edit")
@takes_uploads
def save(group_id: int) -> ResponseReturnValue:
    """Save the group."""
    group = group_for(require_account(), group_id, "manage")
    form = GroupForm()
    if not form.validate():
        return render_template("community/group_form.html", form=form, group=group), 422
    try:
        cover = keep_image(form.cover.data)
        with transaction():
            actions.change_group(
                group_id,
                name=form.name.data or "",
                kind=form.kind.data,
                access=form.access.data,
                description=form.description.data or "",
                rules=form.rules.data or "",
                cover=cover,
            )
    except SocialError as error:
        return _refused(form, group, error)
    return redirect(url_for("groups.show", group_id=group_id))
