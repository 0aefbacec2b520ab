"""Periodic work on the groups' figures."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from ...database import db, step_of_long_work
from ...days import today
from ..groups.models import Group
from .actions import NIGHTLY_DAYS, refresh_days

log = structlog.get_logger()


def rederive_days() -> int:
    """The nightly check: derive the last weeks of every group again, a group a transaction; returns what had drifted."""
    last = today()
    days = [last - timedelta(days=back) for back in range(NIGHTLY_DAYS)]
    drifted = 0
    for group_id in list(db.session.scalars(select(Group.id).order_by(Group.id))):
        with step_of_long_work():
            drifted += refresh_days((group_id, day) for day in days)
    if drifted:
        log.info("group_days_drifted", rows=drifted)
    return drifted
