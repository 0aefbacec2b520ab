"""Teams, capacity, ready answers and rules: read by every agent, edited by a lead or an administrator."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice

from ...accounts.models import SERVICE_ROLES, Account
from ...accounts.session import require_role
from ...customers.queries import names_of
from ...database import db, transaction
from ...errors import NotFound, SocialError
from ...settings import setting
from ..cases.models import CannedReply, Team
from ..cases.queries import DeskRow, canned_replies, desks, teams
from ..cases.staffing import ensure_teams, set_desk
from ..forms import CannedForm, DeskForm, TeamForm, sentence, show_error, words_of
from .actions import change_rules, hours_of, remove_team, reset_clocks, save_reply, save_team
from .forms import RulesForm

bp = APIBlueprint("teams", __name__, url_prefix="/desk/teams", enable_openapi=False)

LEADS = ("lead", "admin")
PLAIN = (
    "alert.complaint",
    "alert.case",
    "alert.negative",
    "alert.valued_bonus",
    "first_reply_goal_seconds",
    "first_reply_limit_seconds",
    "next_reply_limit_seconds",
    "holidays",
)


@bp.get("")
def overview() -> ResponseReturnValue:
    """Teams with their aspects, agents with capacity and load."""
    acting = require_role(*SERVICE_ROLES)
    found = teams()
    rows = desks()
    return render_template(
        "service/teams.html",
        teams=found,
        rows=[(row, _desk_form(row, found)) for row in rows],
        forms={one.id: _team_form(one) for one in found},
        fresh=TeamForm(formdata=None, prefix="new"),
        may_edit=acting.role in LEADS,
    )


def _team_form(team: Team) -> TeamForm:
    return TeamForm(
        formdata=None,
        prefix=f"team-{team.id}",
        name=team.name,
        aspects="，".join(team.aspects),
        fallback=team.fallback,
    )


def _desk_form(row: DeskRow, found: list[Team]) -> DeskForm:
    form = DeskForm(
        formdata=None,
        prefix=f"desk-{row.account.id}",
        team=(row.desk.team_id if row.desk else None) or 0,
        capacity=row.desk.capacity if row.desk else 8,
        skills="，".join(row.desk.skills) if row.desk else "",
        on_duty=row.desk.on_duty if row.desk else True,
    )
    form.team.choices = _team_choices(found)
    return form


def _team_choices(found: list[Team]) -> list[SelectChoice]:
    return [SelectChoice("0", _("支援所有团队")), *(SelectChoice(str(one.id), one.name) for one in found)]


@bp.post("/start")
def start() -> ResponseReturnValue:
    """Begin with the three teams most brands need."""
    require_role(*LEADS)
    with transaction():
        ensure_teams()
    return redirect(url_for(".overview"), 303)


@bp.post("/new")
def new_team() -> ResponseReturnValue:
    """Add a team."""
    return _save_team(None, TeamForm(prefix="new"))


@bp.post("/<int:team_id>")
def change_team(team_id: int) -> ResponseReturnValue:
    """Rename a team or change what it answers for."""
    return _save_team(team_id, TeamForm(prefix=f"team-{team_id}"))


def _save_team(team_id: int | None, form: TeamForm) -> ResponseReturnValue:
    acting = require_role(*LEADS)
    if not form.validate_on_submit():
        return _refused(form)
    try:
        with transaction():
            team = _team(team_id) if team_id else None
            save_team(
                team,
                name=form.name.data or "",
                aspects=words_of(form.aspects.data),
                fallback=form.fallback.data,
                acting=acting,
            )
    except SocialError as error:
        flash(sentence(error), "error")
    else:
        flash(_("已保存。"))
    return redirect(url_for(".overview"), 303)


def _team(team_id: int) -> Team:
    team = db.session.get(Team, team_id)
    if team is None:
        raise NotFound
    return team


def _refused(form: FlaskForm) -> ResponseReturnValue:
    flash(next(errors[0] for errors in form.errors.values()), "error")
    return redirect(url_for(".overview"), 303)


@bp.post("/<int:team_id>/remove")
def remove(team_id: int) -> ResponseReturnValue:
    """Take a team away."""
    acting = require_role(*LEADS)
    with transaction():
        remove_team(_team(team_id), acting=acting)
    flash(_("已删除团队，它的工单和成员暂时没有团队。"))
    return redirect(url_for(".overview"), 303)


@bp.post("/desks/<int:account_id>")
def change_desk(account_id: int) -> ResponseReturnValue:
    """Set an agent's team, capacity, skills and whether on duty."""
    require_role(*LEADS)
    form = DeskForm(prefix=f"desk-{account_id}")
    form.team.choices = _team_choices(teams())
    if not form.validate_on_submit():
        return _refused(form)
    try:
        with transaction():
            account = db.session.get(Account, account_id)
            if account is None:
                raise NotFound
            set_desk(
                account,
                team=db.session.get(Team, form.team.data) if form.team.data else None,
                capacity=form.capacity.data or 0,
                skills=words_of(form.skills.data),
                on_duty=form.on_duty.data,
            )
    except SocialError as error:
        flash(sentence(error), "error")
    else:
        flash(_("已保存。"))
    return redirect(url_for(".overview"), 303)


@bp.get("/replies")
def replies() -> ResponseReturnValue:
    """Ready answers; every agent may add and change them."""
    require_role(*SERVICE_ROLES)
    return _replies_page(CannedForm(formdata=None))


def _replies_page(form: CannedForm, status: int = 200) -> ResponseReturnValue:
    return render_template("service/replies.html", replies=canned_replies(), form=form), status


@bp.get("/replies/for/<int:customer_id>")
def replies_for(customer_id: int) -> ResponseReturnValue:
    """Ready answers to choose from while writing to a customer, with the name put in."""
    require_role(*SERVICE_ROLES)
    name = names_of([customer_id]).get(customer_id)
    if name is None:
        raise NotFound
    return render_template("service/_canned.html", replies=canned_replies(), name=name)


@bp.post("/replies")
def new_reply() -> ResponseReturnValue:
    """Add a ready answer."""
    return _save_reply(None)


@bp.post("/replies/<int:reply_id>")
def change_reply(reply_id: int) -> ResponseReturnValue:
    """Change a ready answer."""
    return _save_reply(reply_id)


def _save_reply(reply_id: int | None) -> ResponseReturnValue:
    require_role(*SERVICE_ROLES)
    form = CannedForm()
    if not form.validate_on_submit():
        return _replies_page(form, 422)
    try:
        with transaction():
            known = _reply(reply_id) if reply_id else None
            save_reply(known, title=form.title.data or "", text=form.text.data or "")
    except SocialError as error:
        show_error(form, error, "title")
        return _replies_page(form, 422)
    flash(_("已保存。"))
    return redirect(url_for(".replies"), 303)


def _reply(reply_id: int) -> CannedReply:
    reply = db.session.get(CannedReply, reply_id)
    if reply is None:
        raise NotFound
    return reply


@bp.post("/replies/<int:reply_id>/remove")
def remove_reply(reply_id: int) -> ResponseReturnValue:
    """Take a ready answer away."""
    require_role(*SERVICE_ROLES)
    with transaction():
        db.session.delete(_reply(reply_id))
    return redirect(url_for(".replies"), 303)


@bp.route("/rules", methods=["GET", "POST"])
def rules() -> ResponseReturnValue:
    """When an alert is raised, when a case opens by itself, and the hours in which the clock runs."""
    acting = require_role(*LEADS)
    form = RulesForm(data=_rules())
    status = 200
    if form.validate_on_submit():
        try:
            with transaction():
                change_rules(_chosen(form), acting=acting)
            with transaction():
                reset_clocks()
        except SocialError as error:
            show_error(form, error, "hours_0")
            status = 422
        else:
            flash(_("已保存，在办工单的期限已重新计算。"))
            return redirect(url_for(".rules"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("service/rules.html", form=form), status


def _rules() -> dict[str, object]:
    values: dict[str, object] = {name.replace(".", "__"): setting(f"service.{name}") for name in PLAIN}
    values["alert__valued_yuan"] = setting("service.alert.valued_cents") // 100
    hours = setting("service.hours")
    return values | {f"hours_{day}": " ".join(hours.get(str(day), [])) for day in range(7)}


def _chosen(form: RulesForm) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in PLAIN:
        chosen = form[name.replace(".", "__")].data
        values[f"service.{name}"] = chosen if isinstance(chosen, bool | int) else float(chosen)
    values["service.alert.valued_cents"] = form.alert__valued_yuan.data * 100
    values["service.hours"] = hours_of({str(day): form[f"hours_{day}"].data or "" for day in range(7)})
    return values
