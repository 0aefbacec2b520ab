"""Front page, the door for a friend who comes by a link, and 我的."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ..accounts.session import current_account, require_account
from ..accounts.tokens import remember_referral
from ..community.groups.queries import group_cards
from ..community.queries import groups_of, living_topics
from ..database import transaction
from ..errors import NotFound
from ..loyalty.queries import balance
from ..outbox.queries import unread_notices
from ..referrals.actions import count_click, try_referral
from ..referrals.models import RefusedReferral
from ..referrals.queries import code_owner, referral_counts, referral_of
from ..settings import setting

bp = APIBlueprint("desks", __name__, enable_openapi=False)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The landing page of a guest, the home of a member: what is talked about, and groups to begin with."""
    account = current_account()
    mine = groups_of(account.customer_id) if account else []
    joined = {group.id for group in mine}
    groups = [group for group in group_cards(account)[0] if group.id not in joined]
    return render_template(
        "desks/home.html",
        topics=living_topics(account, 10) if account else _liveliest(4),
        groups=groups[:4],
        mine=mine,
    )


def _liveliest(number: int) -> list[Any]:
    """What a guest sees first: of the latest open topics those that most people answered or liked."""
    latest = living_topics(None, 40)
    return sorted(latest, key=lambda topic: topic.replies + topic.reactions, reverse=True)[:number]


@bp.get("/r/<code>")
def arrival(code: str) -> ResponseReturnValue:
    """A friend's link: who invited, to what, and one button. The code waits in a cookie for the sign-up."""
    found = code_owner(code)
    if found is None:
        raise NotFound("code_unknown")
    owned, inviter = found
    account = current_account()
    if account is None:
        with transaction():
            count_click(owned)
    own = referral_of(account.customer_id) if account else None
    page = render_template(
        "desks/arrival.html",
        inviter=inviter,
        code=code,
        is_own=bool(account and account.customer_id == inviter.id),
        has_referrer=own is not None,
        topics=_liveliest(3),
        welcome=int(setting("referrals.points_referee")),
    )
    response = make_response(page)
    if account is None:
        remember_referral(response, code, inviter.display_name)
    return response


@bp.post("/r/<code>")
def accept_invitation(code: str) -> ResponseReturnValue:
    """A signed-in member names the inviter; a refusal is told with its reason on the same page."""
    account = require_account()
    with transaction():
        outcome = try_referral(account.customer_id, code)
    if isinstance(outcome, RefusedReferral):
        inviter = code_owner(code)
        page = render_template(
            "desks/arrival.html", inviter=inviter[1] if inviter else None, code=code, refused=outcome.reason
        )
        return page, 409
    return redirect(url_for("desks.me"))


@bp.get("/me")
def me() -> str:
    """我的: points, matters, people, data — four doors and what waits behind each."""
    account = require_account()
    return render_template(
        "desks/me.html",
        points=balance(account.customer_id),
        people=referral_counts(account.customer_id),
        unread=unread_notices(account.customer_id),
    )
