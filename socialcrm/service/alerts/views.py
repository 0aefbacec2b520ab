"""The service desk's first screen: alerts as they come in, one opened, its customer's story beside it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from ...accounts.models import SERVICE_ROLES, Account
from ...accounts.session import require_role
from ...community.queries import facts_of_posts
from ...customers.models import Customer
from ...database import db, transaction
from ...errors import NotFound, SocialError
from ..cases.answering import answer
from ..desk import asked_number, chosen_id
from ..forms import AnswerForm, DismissForm, sentence
from ..marks import aspect_pairs, telling_spans
from ..story import note_look, story_of
from .access import alert_for
from .actions import dismiss, mark_seen, open_case_by_hand, restore
from .models import PENDING, Alert
from .queries import PAGE, alert_counts, alerts_visible_to_staff, unread_alerts

bp = APIBlueprint("alerts", __name__, url_prefix="/desk", enable_openapi=False)

SETTLED = ("handled", "dismissed")


def _agent() -> Account:
    return require_role(*SERVICE_ROLES)


def _list(before: int | None = None) -> dict[str, object]:
    settled = request.args.get("show") == "settled"
    alerts = alerts_visible_to_staff(SETTLED if settled else PENDING, before=before)
    more = (
        url_for(".rows", show=request.args.get("show"), before=alerts[-1].id) if len(alerts) == PAGE else None
    )
    return {"alerts": alerts, "settled": settled, "more": more, "aspect_pairs": aspect_pairs}


@bp.get("")
def desk() -> ResponseReturnValue:
    """Alerts that wait for somebody, the newest first."""
    _agent()
    return render_template("service/alerts.html", **_list(), counts=alert_counts(), alert=None, chosen=None)


@bp.get("/alerts/rows")
def rows() -> ResponseReturnValue:
    """The list anew for a live hint, or its next page."""
    _agent()
    before = asked_number("before")
    return render_template("service/_alert_rows.html", **_list(before), chosen=chosen_id("/desk/alerts/"))


@bp.get("/alerts/count")
def count() -> ResponseReturnValue:
    """How many nobody has opened: the number in the rail and in the tab's title."""
    _agent()
    return render_template("service/_count.html", number=unread_alerts())


@bp.get("/alerts/<int:alert_id>")
def alert(alert_id: int) -> ResponseReturnValue:
    """One alert with its telling words marked. Opening it is written down: read mark, and who looked at whom."""
    acting = _agent()
    with transaction():
        found = alert_for(acting, alert_id)
        mark_seen(found, acting=acting)
        note_look(found.customer_id, acting, "alert")
    found = db.session.get_one(
        Alert,
        alert_id,
        options=[joinedload(Alert.customer), joinedload(Alert.case), joinedload(Alert.seen_by)],
        populate_existing=True,
    )
    return render_template(
        "service/alerts.html",
        **_list(),
        counts=alert_counts(),
        alert=found,
        chosen=found.id,
        spans=telling_spans(found.opinion),
        pairs=aspect_pairs(found.opinion),
        post=facts_of_posts([found.subject_id]).get(found.subject_id) if found.subject == "post" else None,
        answer=AnswerForm(formdata=None),
        dismissing=DismissForm(formdata=None),
    )


@bp.get("/customers/<int:customer_id>/story")
def story(customer_id: int) -> ResponseReturnValue:
    """The third pane of alerts, cases and conversations: who the customer is and what was said before."""
    _agent()
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    return render_template("service/_story.html", story=story_of(customer), case_id=asked_number("case"))


@bp.post("/alerts/<int:alert_id>/case")
def make_case(alert_id: int) -> ResponseReturnValue:
    """Make a case of the alert; pressed twice it is the same case."""
    acting = _agent()
    return _to_case(alert_id, acting)


@bp.post("/alerts/<int:alert_id>/answer")
def answer_alert(alert_id: int) -> ResponseReturnValue:
    """Answer at once: the alert becomes a case and the text its first answer, in one transaction."""
    acting = _agent()
    form = AnswerForm()
    if not form.validate_on_submit():
        flash(_("写点内容再提交。"), "error")
        return redirect(url_for(".alert", alert_id=alert_id), 303)
    return _to_case(alert_id, acting, form)


def _to_case(alert_id: int, acting: Account, form: AnswerForm | None = None) -> ResponseReturnValue:
    try:
        with transaction():
            case = open_case_by_hand(alert_for(acting, alert_id), acting=acting)
            if form is not None:
                answer(
                    case,
                    form.text.data or "",
                    form.where.data,
                    acting=acting,
                    once=form.once.data,
                    wait=form.wait.data,
                )
    except SocialError as error:
        flash(sentence(error), "error")
        return redirect(url_for(".alert", alert_id=alert_id), 303)
    return redirect(url_for("cases.case", case_id=case.id, sent=1 if form else None), 303)


@bp.post("/alerts/<int:alert_id>/dismiss")
def dismiss_alert(alert_id: int) -> ResponseReturnValue:
    """Nothing to do, with the reason."""
    acting = _agent()
    try:
        with transaction():
            dismiss(alert_for(acting, alert_id), DismissForm().why.data or "", acting=acting)
    except SocialError as error:
        flash(sentence(error), "error")
        return redirect(url_for(".alert", alert_id=alert_id), 303)
    flash(_("已标为不用处理，可以在「处理过的」里恢复。"))
    return redirect(url_for(".desk"), 303)


@bp.post("/alerts/<int:alert_id>/restore")
def restore_alert(alert_id: int) -> ResponseReturnValue:
    """Take the dismissal back."""
    acting = _agent()
    with transaction():
        restore(alert_for(acting, alert_id), acting=acting)
    return redirect(url_for(".alert", alert_id=alert_id), 303)
