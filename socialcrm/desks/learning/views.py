"""Pages where staff teach the engine and see what it learned. GET writes nothing; each POST is one deed."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.models import MANAGER_ROLES, STAFF_ROLES, Account
from ...accounts.session import require_role
from ...database import transaction
from ...errors import SocialError
from ...sentiment.actions import withdraw_correction
from ...sentiment.agreement import COMPLAINT_FROM
from ...sentiment.learning.actions import ask_for_layer, cancel_rescoring, start_rescoring, use_version
from ...sentiment.learning.queries import (
    PAGE,
    active_version,
    brands_of_versions,
    correction_figures,
    corrections_page,
    is_stale,
    outdated_texts,
    rescorings_page,
    unfinished_rescoring,
    unfinished_version,
    version_in_force,
    versions_page,
)
from ...web import whole_number
from ..texts import readable_texts
from .access import correction_to_withdraw, rescoring_for, version_for
from .comparing import SoFar, next_bit
from .forms import REASON_WORDS, sentence_of

bp = APIBlueprint("learning", __name__, url_prefix="/desk/learning", enable_openapi=False)


def _acting() -> Account:
    return require_role(*STAFF_ROLES)


def _acting_manager() -> Account:
    return require_role(*MANAGER_ROLES)


# Versions


@bp.get("")
def overview() -> str:
    """The layer in use, what is new since, every version with its figures. A fragment for the progress of one."""
    acting = _acting()
    if "HX-Request" in request.headers:
        return render_template("learning/_learning.html", learning=unfinished_version())
    rows = versions_page(request.args.get("before", type=whole_number))
    active = active_version()
    return render_template(
        "learning/overview.html",
        rows=rows,
        stale=is_stale(active),
        more=rows[-1][0].id if len(rows) == PAGE else None,
        figures=correction_figures(),
        active=active,
        learning=unfinished_version(),
        outdated=outdated_texts(version_in_force()),
        reasons=REASON_WORDS,
        manages=acting.manages,
    )


@bp.post("/versions")
def learn_now() -> ResponseReturnValue:
    """Learn a layer from the corrections; the page may be left."""
    acting = _acting_manager()
    with transaction():
        ask_for_layer(acting)
    return redirect(url_for("learning.overview"))


@bp.get("/versions/<int:version_id>")
def version(version_id: int) -> str:
    """One version: every figure, question by question."""
    acting = _acting()
    return render_template(
        "learning/version.html",
        version=version_for(acting, version_id),
        active=active_version(),
        reasons=REASON_WORDS,
        manages=acting.manages,
    )


@bp.post("/use")
def use() -> ResponseReturnValue:
    """Use an accepted version from now on (a roll back, too), or none."""
    acting = _acting_manager()
    try:
        with transaction():
            use_version(acting, request.form.get("version_id", type=whole_number))
    except SocialError as error:
        flash(sentence_of(error))
    else:
        flash(_("新的文字从现在起按这个版本读。旧的可以重新读一遍。"))
    return redirect(url_for("learning.overview"))


@bp.get("/changes")
def changes() -> str:
    """What two versions read differently in the texts of the last days, side by side; bit by bit when there are many."""
    acting = _acting()
    first, second = (request.args.get(name, type=whole_number) for name in ("first", "second"))
    if "second" not in request.args:
        active = active_version()
        second = active.id if active else None
    before, after = brands_of_versions(first, second)
    facts = next_bit(acting, before, after, SoFar.asked(request.args))
    next_url = url_for("learning.changes", first=first or "", second=second or "", **facts["goes_to"])
    if "HX-Request" in request.headers:
        return render_template("learning/_changes.html", next_url=next_url, **facts)
    accepted = [row for row, _account in versions_page() if row.state == "accepted"]
    return render_template(
        "learning/changes.html",
        versions=accepted,
        first=first,
        second=second,
        next_url=next_url,
        **facts,
    )


# Corrections


@bp.get("/corrections")
def corrections() -> str:
    """What staff corrected: which text, what, who and why."""
    acting = _acting()
    rows = corrections_page(before_id=request.args.get("before", type=whole_number))
    texts = readable_texts(
        acting, ((opinion.subject, opinion.subject_id) for _row, opinion, _account in rows)
    )
    return render_template(
        "learning/corrections.html",
        rows=rows,
        texts=texts,
        more=rows[-1][0].id if len(rows) == PAGE else None,
        acting=acting,
        complaint_from=COMPLAINT_FROM,
    )


@bp.post("/corrections/<int:correction_id>/withdraw")
def withdraw(correction_id: int) -> ResponseReturnValue:
    """Take a correction back: one's own, or anybody's for managers."""
    acting = _acting()
    with transaction():
        withdraw_correction(correction_to_withdraw(acting, correction_id), acting)
    flash(_("已撤回，不再从它学习。"))
    return redirect(url_for("learning.corrections"))


# Reading old texts again


@bp.get("/rescoring")
def rescoring() -> str:
    """How far the round is, and earlier ones. A fragment for the progress bar."""
    acting = _acting()
    run = unfinished_rescoring()
    if "HX-Request" in request.headers:
        return render_template("learning/_rescoring.html", run=run, manages=acting.manages)
    rows = rescorings_page(request.args.get("before", type=whole_number))
    return render_template(
        "learning/rescoring.html",
        run=run,
        rows=rows,
        more=rows[-1].id if len(rows) == PAGE else None,
        outdated=outdated_texts(version_in_force()),
        manages=acting.manages,
    )


@bp.post("/rescoring")
def rescore() -> ResponseReturnValue:
    """Read every text again that another version read; the page may be left."""
    acting = _acting_manager()
    with transaction():
        start_rescoring(acting)
    return redirect(url_for("learning.rescoring"))


@bp.post("/rescoring/<int:rescoring_id>/cancel")
def cancel(rescoring_id: int) -> ResponseReturnValue:
    """Stop the round; what was read again stays."""
    acting = _acting_manager()
    with transaction():
        cancel_rescoring(acting, rescoring_for(acting, rescoring_id))
    flash(_("已停下。读过的留着，随时可以接着读。"))
    return redirect(url_for("learning.rescoring"))
