"""我的事项: what became of what I said, without asking; add to it, and say how it went."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import Account
from ...accounts.session import require_account
from ...database import transaction
from ...errors import SocialError
from ...web import limiter
from ..cases.access import matter_for
from ..cases.actions import customer_says, open_case
from ..cases.models import Case
from ..cases.queries import entries_of, matters_of
from ..desk import asked_number
from ..forms import MatterForm, RateForm, SayForm, show_error
from ..surveys.actions import case_of_token, rate_case, rating_of

bp = APIBlueprint("matters", __name__, enable_openapi=False)

PAGE = 20


@bp.get("/me/matters")
def mine() -> ResponseReturnValue:
    """All my matters, the newest first."""
    account = require_account()
    found = matters_of(account.customer_id, before=asked_number("before"), limit=PAGE)
    more = url_for(".mine", before=found[-1].id) if len(found) == PAGE else None
    return render_template("service/matters.html", matters=found, more=more)


@bp.route("/me/matters/new", methods=["GET", "POST"])
@limiter.limit("20/hour", methods=["POST"])
def new() -> ResponseReturnValue:
    """我要反馈: a form that becomes a case."""
    account = require_account()
    form = MatterForm()
    if not form.validate_on_submit():
        return render_template("service/new_matter.html", form=form), 422 if request.method == "POST" else 200
    with transaction():
        opened = open_case(
            account.customer_id,
            form.title.data or "",
            source="form",
            channel="form",
            text=form.text.data or "",
            aspects=[form.aspect.data] if form.aspect.data else [],
            once=form.once.data,
        )
    flash(_("已收到。处理进展会出现在这里。"))
    return redirect(url_for(".matter", case_id=opened.id), 303)


@bp.get("/me/matters/<int:case_id>")
def matter(case_id: int) -> ResponseReturnValue:
    """One matter: where it stands, what was said, what I can do."""
    account = require_account()
    return _page(account, matter_for(account, case_id), SayForm(formdata=None), RateForm(formdata=None))


def _page(
    account: Account, found: Case, say: SayForm, rate: RateForm, status: int = 200
) -> ResponseReturnValue:
    entries = entries_of(found.id, audience="customer")
    rating = rating_of(found.id, found.rounds) if found.rounds else None
    page = render_template(
        "service/matter.html", matter=found, entries=entries, say=say, rate=rate, rating=rating
    )
    return page, status


@bp.get("/me/matters/<int:case_id>/entries")
def entries(case_id: int) -> ResponseReturnValue:
    """The thread anew, for a live hint."""
    account = require_account()
    found = matter_for(account, case_id)
    return render_template(
        "service/_matter_entries.html", matter=found, entries=entries_of(found.id, audience="customer")
    )


@bp.post("/me/matters/<int:case_id>/entries")
def add(case_id: int) -> ResponseReturnValue:
    """Add something; a finished matter opens again."""
    account = require_account()
    found = matter_for(account, case_id)
    form = SayForm()
    if not form.validate_on_submit():
        return _page(account, found, form, RateForm(formdata=None), 422)
    try:
        with transaction():
            customer_says(matter_for(account, case_id), form.text.data or "", once=form.once.data)
    except SocialError as error:
        show_error(form, error, "text")
        return _page(account, matter_for(account, case_id), form, RateForm(formdata=None), 422)
    flash(_("已补充，处理的同事会看到。"))
    return redirect(url_for(".matter", case_id=case_id), 303)


@bp.post("/me/matters/<int:case_id>/rating")
def rate(case_id: int) -> ResponseReturnValue:
    """How it went, from my own page."""
    account = require_account()
    found = matter_for(account, case_id)
    form = RateForm()
    if not form.validate_on_submit():
        return _page(account, found, SayForm(formdata=None), form, 422)
    try:
        with transaction():
            rate_case(matter_for(account, case_id), int(form.score.data), form.text.data or "")
    except SocialError as error:
        show_error(form, error, "score")
        return _page(account, matter_for(account, case_id), SayForm(formdata=None), form, 422)
    flash(_thanks(int(form.score.data)))
    return redirect(url_for(".matter", case_id=case_id), 303)


def _thanks(score: int) -> str:
    if score <= 2:
        return _("谢谢你告诉我们。这件事已经重新打开，组长会跟进。")
    return _("谢谢你的评价。")


@bp.route("/rate/<token>", methods=["GET", "POST"])
def rate_by_link(token: str) -> ResponseReturnValue:
    """The one-time link of a notice or mail: no sign-in, one answer for this round. A GET stores nothing."""
    found, number = case_of_token(token)
    rated = rating_of(found.id, number)
    form = RateForm()
    if rated is not None or not form.validate_on_submit():
        status = 422 if request.method == "POST" and rated is None else 200
        over = rated is None and (found.status not in ("solved", "closed") or number != found.rounds)
        return render_template("service/rate.html", form=form, matter=found, rating=rated, over=over), status
    try:
        with transaction():
            found, number = case_of_token(token)
            rating = rate_case(
                found, int(form.score.data), form.text.data or "", number=number, source="link"
            )
    except SocialError as error:
        show_error(form, error, "score")
        return render_template("service/rate.html", form=form, matter=found, rating=None, over=False), 422
    return render_template("service/rate.html", form=form, matter=found, rating=rating, over=False)
