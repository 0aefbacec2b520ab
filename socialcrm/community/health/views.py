"""The management desk: the day first, then the figures of each group."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIBlueprint
from flask import render_template, request

from ...accounts.models import MANAGER_ROLES
from ...accounts.session import require_account, require_role
from ...days import today
from ...sentiment.trends.spikes import spikes_since
from ...web import whole_number
from ..access import group_for
from ..moderation.queries import waiting_figures
from ..queries import names_of_groups
from . import queries

#: A spike nobody has looked at stays on the day's page so long.
SPIKES_FOR = timedelta(days=7)

bp = APIBlueprint("health", __name__, enable_openapi=False)


@bp.get("/manage")
def day() -> str:
    """今天: what needs a person, then every group's figures beside its usual ones."""
    require_role(*MANAGER_ROLES)
    spikes = spikes_since(today() - SPIKES_FOR, open_only=True, limit=5)
    return render_template(
        "community/day.html",
        waiting=_waiting(),
        unanswered=queries.unanswered_topics(),
        spikes=spikes,
        spike_groups=names_of_groups({spike.group_id for spike in spikes}) if spikes else {},
        requests=queries.requests_waiting(),
        groups=queries.groups_today(request.args.get("after", 0, type=whole_number)),
        page_size=queries.GROUPS_A_PAGE,
        today=today(),
    )


def _waiting() -> dict[str, int]:
    """What the head of the day counts."""
    return {**waiting_figures(), "unanswered": queries.unanswered_number()}


@bp.get("/manage/groups")
def groups() -> str:
    """Every group with its figures."""
    require_role(*MANAGER_ROLES)
    return render_template(
        "community/manage_groups.html",
        groups=queries.groups_today(request.args.get("after", 0, type=whole_number)),
        page_size=queries.GROUPS_A_PAGE,
        today=today(),
    )


@bp.get("/manage/groups/<int:group_id>")
def group(group_id: int) -> str:
    """One group over the last thirty days."""
    group = group_for(require_account(), group_id, "moderate")
    days = queries.days_of(group_id)
    return render_template(
        "community/group_health.html",
        group=group,
        days=days,
        moods=[None if row.mood is None else round(100 * row.mood) for row in days],
        unanswered=queries.unanswered_topics(group_id=group_id),
        today=today(),
    )
