"""Cases on the desk: the work list, one case with its thread and clocks, and everything an agent does with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from ... import live
from ...accounts.models import SERVICE_ROLES, Account
from ...accounts.session import require_role
from ...channels.access import conversation_for_staff
from ...community.queries import facts_of_posts, post_facts
from ...customers.models import Customer
from ...database import db, transaction, utcnow
from ...errors import NotFound, SocialError
from ..alerts.queries import alerts_of_case
from ..desk import asked_number, chosen_id, page_key
from ..forms import (
    AnswerForm,
    AssignForm,
    FactsForm,
    HandCaseForm,
    MergeForm,
    SnoozeForm,
    SolveForm,
    sentence,
    show_error,
    words_of,
)
from ..marks import aspect_pairs, telling_spans
from ..story import note_look
from .access import case_for
from .actions import (
    change_facts,
    close,
    merge_cases,
    open_case,
    reopen,
    resume,
    snooze,
    solve,
    wait_for_customer,
)
from .answering import answer
from .clocks import calendar, explain_reply, explain_solve
from .models import Case, Team
from .queries import (
    PAGE,
    VIEWS,
    entries_of,
    others_looking,
    staff,
    staff_names,
    teams,
    view_counts,
    work_list,
)
from .staffing import assign_case

bp = APIBlueprint("cases", __name__, url_prefix="/desk/cases", enable_openapi=False)


def _agent() -> Account:
    return require_role(*SERVICE_ROLES)


def _list(acting: Account) -> dict[str, object]:
    view = request.args.get("view", "all")
    if view not in VIEWS:
        raise NotFound
    found = work_list(acting, view, after=page_key("after"))
    more = None
    if len(found) == PAGE:
        last = found[-1]
        key = last.changed_at if view == "finished" else last.due_at
        more = url_for(".rows", view=view, after=f"{key.isoformat()},{last.id}")
    return {"cases": found, "view": view, "more": more, "now": utcnow()}


@bp.get("")
def work() -> ResponseReturnValue:
    """The work list, what is due first comes first."""
    acting = _agent()
    return render_template(
        "service/cases.html", **_list(acting), counts=view_counts(acting), case=None, chosen=None
    )


@bp.get("/rows")
def rows() -> ResponseReturnValue:
    """The list anew for a live hint, or its next page."""
    acting = _agent()
    return render_template("service/_case_rows.html", **_list(acting), chosen=chosen_id("/desk/cases/"))


@bp.get("/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """One case. Opening it writes down who looked at whom."""
    acting = _agent()
    with transaction():
        note_look(case_for(acting, case_id).customer_id, acting, "case")
        live.push(f"case:{case_id}", "looking", acting.id)
    return _page(acting, case_id, AnswerForm(formdata=None))


def _page(acting: Account, case_id: int, form: AnswerForm, status: int = 200) -> ResponseReturnValue:
    found = db.session.get_one(
        Case,
        case_id,
        options=[joinedload(Case.customer), joinedload(Case.team), joinedload(Case.assignee)],
        populate_existing=True,
    )
    alerts = alerts_of_case(found.id)
    post = facts_of_posts([found.post_id]).get(found.post_id) if found.post_id else None
    page = render_template(
        "service/cases.html",
        **_list(acting),
        counts=view_counts(acting),
        case=found,
        chosen=found.id,
        entries=entries_of(found.id),
        names=staff_names(),
        alerts=alerts,
        marks={one.id: telling_spans(one.opinion) for one in alerts},
        pairs={one.id: aspect_pairs(one.opinion) for one in alerts},
        post=post,
        answer=form,
        solving=SolveForm(formdata=None, root_cause=found.root_cause),
    )
    return page, status


@bp.get("/<int:case_id>/entries")
def entries(case_id: int) -> ResponseReturnValue:
    """What came onto the thread after an entry, for a live hint."""
    found = case_for(_agent(), case_id)
    fresh = entries_of(found.id, after=asked_number("after") or 0)
    return render_template("service/_entries.html", case=found, entries=fresh, names=staff_names())


@bp.get("/<int:case_id>/looking")
def looking(case_id: int) -> ResponseReturnValue:
    """Who else has this customer's case open."""
    acting = _agent()
    found = case_for(acting, case_id)
    return render_template("service/_looking.html", looking=others_looking(found.customer_id, acting.id))


@bp.get("/<int:case_id>/clock")
def clock(case_id: int) -> ResponseReturnValue:
    """Why these deadlines, step by step."""
    found = case_for(_agent(), case_id)
    days = calendar()
    return render_template(
        "service/_clock.html", case=found, reply=explain_reply(found, days), solve=explain_solve(found, days)
    )


@bp.get("/<int:case_id>/tools")
def tools(case_id: int) -> ResponseReturnValue:
    """The forms behind the buttons: assign, snooze, merge, facts."""
    found = case_for(_agent(), case_id)
    return render_template(
        "service/_tools.html",
        case=found,
        assign=_assign_form(found),
        snoozing=SnoozeForm(formdata=None),
        merging=MergeForm(formdata=None),
        facts=FactsForm(
            formdata=None,
            priority=found.priority,
            aspects="，".join(found.aspects),
            root_cause=found.root_cause,
        ),
    )


def _assign_form(found: Case | None) -> AssignForm:
    form = AssignForm()
    form.assignee.choices = [
        SelectChoice("0", _("团队的队列")),
        *(SelectChoice(str(one.id), one.customer.display_name) for one in staff()),
    ]
    form.team.choices = [SelectChoice(str(one.id), one.name) for one in teams()]
    if request.method == "GET" and found is not None:
        form.assignee.data, form.team.data = found.assignee_id or 0, found.team_id
    return form


@bp.post("/<int:case_id>/answer")
def answer_case(case_id: int) -> ResponseReturnValue:
    """Answer privately or in the topic, or leave a note."""
    acting = _agent()
    found = case_for(acting, case_id)
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(acting, case_id, form, 422)
    try:
        with transaction():
            answer(
                case_for(acting, case_id),
                form.text.data or "",
                form.where.data,
                acting=acting,
                once=form.once.data,
                wait=form.wait.data,
            )
    except SocialError as error:
        show_error(form, error, "text")
        return _page(acting, case_id, form, 422)
    return redirect(url_for(".case", case_id=found.id, sent=1), 303)


@bp.post("/<int:case_id>/solve")
def solve_case(case_id: int) -> ResponseReturnValue:
    """Say what was done; the customer is told and asked how it went."""
    form = SolveForm()
    return _do(
        case_id,
        lambda found, acting: solve(
            found,
            form.solution.data or "",
            acting=acting,
            root_cause=form.root_cause.data or "",
            once=form.once.data,
        ),
        form,
        done=_("已解决。已经请客户评价。"),
    )


@bp.post("/<int:case_id>/assign")
def assign(case_id: int) -> ResponseReturnValue:
    """Give the case to an agent or a team."""
    form = _assign_form(None)

    def act(found: Case, acting: Account) -> None:
        chosen = db.session.get(Account, form.assignee.data) if form.assignee.data else None
        assign_case(found, acting=acting, assignee=chosen, team=db.session.get(Team, form.team.data))

    return _do(case_id, act, form, done=_("已转交。"))


@bp.post("/<int:case_id>/take")
def take(case_id: int) -> ResponseReturnValue:
    """The agent takes the case."""
    return _do(
        case_id,
        lambda found, acting: assign_case(found, acting=acting, assignee=acting),
        done=_("已由你处理。"),
    )


@bp.post("/<int:case_id>/facts")
def facts(case_id: int) -> ResponseReturnValue:
    """Change priority, aspects, root cause."""
    form = FactsForm()
    return _do(
        case_id,
        lambda found, acting: change_facts(
            found,
            acting=acting,
            priority=form.priority.data,
            aspects=words_of(form.aspects.data),
            root_cause=form.root_cause.data or "",
        ),
        form,
        done=_("已保存。"),
    )


@bp.post("/<int:case_id>/snooze")
def snooze_case(case_id: int) -> ResponseReturnValue:
    """Out of the way until an exact time."""
    form = SnoozeForm()
    return _do(
        case_id,
        lambda found, acting: snooze(found, form.moment(), acting=acting),
        form,
        done=_("已暂放，到时会回到列表。"),
    )


@bp.post("/<int:case_id>/merge")
def merge(case_id: int) -> ResponseReturnValue:
    """Join the case to another one of the same customer."""
    form = MergeForm()

    def act(found: Case, acting: Account) -> None:
        merge_cases(found, case_for(acting, form.into.data or 0), acting=acting)

    return _do(case_id, act, form, done=_("已合并。"))


@bp.post("/<int:case_id>/wait")
def wait(case_id: int) -> ResponseReturnValue:
    """Wait for the customer, or go on."""

    def act(found: Case, acting: Account) -> None:
        if found.status == "waiting":
            resume(found, acting=acting)
        else:
            wait_for_customer(found, acting=acting)

    return _do(case_id, act)


@bp.post("/<int:case_id>/close")
def close_case(case_id: int) -> ResponseReturnValue:
    """Close a solved case without waiting for the answer."""
    return _do(case_id, lambda found, acting: close(found, acting=acting), done=_("已关闭。"))


@bp.post("/<int:case_id>/reopen")
def reopen_case(case_id: int) -> ResponseReturnValue:
    """Work on it again."""
    return _do(case_id, lambda found, acting: reopen(found, acting=acting), done=_("已重新打开。"))


def _do(
    case_id: int, act: Callable[[Case, Account], object], form: FlaskForm | None = None, done: str = ""
) -> ResponseReturnValue:
    """Check the door and the form, act in one transaction, and go back to the case with what happened."""
    acting = _agent()
    case_for(acting, case_id)
    back = redirect(url_for(".case", case_id=case_id), 303)
    if form is not None and not form.validate_on_submit():
        flash(next(errors[0] for errors in form.errors.values()), "error")
        return back
    try:
        with transaction():
            act(case_for(acting, case_id), acting)
    except NotFound:
        flash(_("没有这个编号的工单。"), "error")
    except SocialError as error:
        flash(sentence(error), "error")
    else:
        if done:
            flash(done)
    return back


@dataclass(frozen=True)
class _Origin:
    """Where a case opened by hand comes from."""

    customer_id: int
    channel: str = "phone"
    text: str = ""
    place: str | None = None
    place_id: int | None = None
    post_id: int | None = None
    conversation_id: int | None = None


def _origin(acting: Account) -> _Origin:
    """`?conversation=`, `?post=` or `?customer=`; NotFound for what this agent cannot see."""
    chat, post = asked_number("conversation"), asked_number("post")
    if chat:
        found = conversation_for_staff(acting, chat)
        return _Origin(found.customer_id, "web_chat", "", "conversation", found.id, conversation_id=found.id)
    if post:
        said = post_facts(post)
        return _Origin(
            said.author_id, "community", said.text[:4000], "topic", said.topic_id, post_id=said.post_id
        )
    return _Origin(asked_number("customer") or 0)


@bp.route("/new", methods=["GET", "POST"])
def new_case() -> ResponseReturnValue:
    """Open a case by hand: from a chat, from a post, or for a customer met elsewhere."""
    acting = _agent()
    origin = _origin(acting)
    customer = db.session.get(Customer, origin.customer_id)
    if customer is None:
        raise NotFound
    form = HandCaseForm(channel=origin.channel, text=origin.text)
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("service/new_case.html", form=form, customer=customer), status
    with transaction():
        opened = open_case(
            origin.customer_id,
            form.title.data or "",
            source="conversation" if origin.conversation_id else "hand",
            channel=form.channel.data,
            text=form.text.data or "",
            aspects=words_of(form.aspects.data),
            priority=form.priority.data,
            place=origin.place,
            place_id=origin.place_id,
            post_id=origin.post_id,
            conversation_id=origin.conversation_id,
            acting=acting,
            once=form.once.data,
        )
    return redirect(url_for(".case", case_id=opened.id), 303)
