"""Who may see alerts: the service desk."""

from __future__ import annotations

from ...accounts.models import Account
from ...database import db
from ...errors import Forbidden, NotFound
from ...live import room_door
from .models import Alert


def alert_for(account: Account, alert_id: int) -> Alert:
    """The alert, for service staff only."""
    if not account.serves:
        raise Forbidden
    alert = db.session.get(Alert, alert_id)
    if alert is None:
        raise NotFound
    return alert


def _staff_door(account: Account | None, number: int) -> bool:
    return account is not None and account.serves and number == 0


room_door("staff", _staff_door)
