"""Makers for service tests; each commits, as an edge would."""

from __future__ import annotations

from typing import Any

from socialcrm.accounts.models import Account
from socialcrm.database import transaction
from socialcrm.sentiment.engine import analyse
from socialcrm.service.alerts.actions import consider_alert
from socialcrm.service.alerts.models import Alert
from socialcrm.service.cases.actions import open_case
from socialcrm.service.cases.models import Case

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def raise_alert(account: Account, text: str = STORY, subject_id: int = 1, **more: Any) -> Alert | None:
    """Consider an alert on a text as the reaction to TextScored does."""
    values: dict[str, Any] = {"subject": "post", "place": "topic", "place_id": 7} | more
    with transaction():
        return consider_alert(
            subject_id=subject_id,
            customer_id=account.customer_id,
            text=text,
            opinion=analyse(text).to_json(),
            **values,
        )


def make_case(account: Account, title: str = "杯子碎了", **more: Any) -> Case:
    """An open case of the account's customer."""
    values: dict[str, Any] = {"source": "form", "channel": "form", "aspects": ["质量"]} | more
    with transaction():
        return open_case(account.customer_id, title, text=title, **values)
