"""我的人脉: a member's own link and whom it brought; and the manager's review of flagged referrals."""

from __future__ import annotations

import io

import segno
from apiflask import APIBlueprint
from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..accounts.audit import audit
from ..accounts.models import MANAGER_ROLES
from ..accounts.session import require_account, require_role
from ..config import Config
from ..database import transaction
from ..errors import Invalid
from ..settings import setting
from ..web import whole_number
from .access import referral_for
from .actions import code_of, review_referral
from .models import ReferralCode
from .queries import PAGE, brought_by, code_owned_by, flagged_page, referral_counts, refusals_of

bp = APIBlueprint("referrals", __name__, enable_openapi=False)


@bp.get("/me/people")
def my_people() -> str:
    """My link, its QR code, whom it brought and how far each has come."""
    account = require_account()
    code = own_code(account.customer_id)
    people = brought_by(account.customer_id, before_id=request.args.get("before", type=whole_number))
    return render_template(
        "referrals/my_people.html",
        code=code,
        link=link_of(code),
        people=people,
        more=len(people) == PAGE,
        counts=referral_counts(account.customer_id),
        refusals=refusals_of(account.customer_id),
        reward=int(setting("referrals.points_referrer")),
        welcome=int(setting("referrals.points_referee")),
        return_days=int(setting("referrals.return_days")),
    )


def own_code(customer_id: int) -> ReferralCode:
    """The code, made in a short transaction of its own at the first look."""
    code = code_owned_by(customer_id)
    if code is None:
        with transaction():
            code = code_of(customer_id)
    return code


def link_of(code: ReferralCode) -> str:
    """The address a friend opens."""
    config: Config = current_app.extensions["config"]
    return f"{config.base_url}/r/{code.code}"


@bp.get("/me/people/code.svg")
def my_code_picture() -> Response:
    """The link as a QR code."""
    account = require_account()
    picture = io.BytesIO()
    segno.make(link_of(own_code(account.customer_id)), error="m").save(picture, kind="svg", scale=6, border=2)
    return Response(
        picture.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"}
    )


@bp.get("/manage/referrals")
def review() -> str:
    """Referrals that the fraud checks flagged, oldest first, for a person to decide."""
    require_role(*MANAGER_ROLES)
    rows = flagged_page(after_id=request.args.get("after", 0, type=whole_number))
    return render_template("referrals/review.html", rows=rows, more=len(rows) == PAGE)


@bp.post("/manage/referrals/<int:referral_id>")
def decide(referral_id: int) -> ResponseReturnValue:
    """Approve or void with a written reason."""
    account = require_role(*MANAGER_ROLES)
    verdict, reason = request.form.get("verdict"), request.form.get("reason", "").strip()
    if verdict not in ("approve", "void"):
        raise Invalid("verdict_missing", field="verdict")
    if not reason:
        raise Invalid("reason_missing", field="reason")
    with transaction():
        review_referral(referral_for(account, referral_id), approve=verdict == "approve", reason=reason)
        audit(account, f"referral_{verdict}", "referral", referral_id, reason=reason)
    return redirect(url_for("referrals.review"))
