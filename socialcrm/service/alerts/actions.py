"""Verbs of alerts. All run inside the caller's transaction()."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ... import live
from ...accounts.models import Account
from ...customers.queries import facts_of, has_consent
from ...database import db, utcnow
from ...errors import Conflict, Invalid
from ...events import announce
from ...settings import define, setting
from ...shop.queries import spent_by
from ..cases.actions import active_case_at, open_case
from ..cases.models import Case
from ..cases.thread import add_entry
from .alerting import OpinionFacts, Thresholds, judge
from .events import AlertRaised
from .models import PENDING, Alert

_DEFAULT = Thresholds()
# P(negative) from which a valued customer's text raises an alert even without a complaint.
define("service.alert.negative", _DEFAULT.negative)
# Complaint likelihood from which an alert is raised, and from which a case opens by itself.
define("service.alert.complaint", _DEFAULT.complaint)
define("service.alert.case", _DEFAULT.case)
# From this worth (cents) on a customer counts as valued, and how much both complaint thresholds fall then.
define("service.alert.valued_cents", _DEFAULT.valued_cents)
define("service.alert.valued_bonus", _DEFAULT.valued_bonus)
# A text said longer ago than this (an import of history) raises an alert, but opens no case by itself.
define("service.alert.fresh_days", 3)

CHANNEL_OF = {"post": "community", "message": "web_chat"}


def thresholds() -> Thresholds:
    """The thresholds in force."""
    names = ("negative", "complaint", "case", "valued_cents", "valued_bonus")
    return Thresholds(**{name: setting(f"service.alert.{name}") for name in names})


def consider_alert(
    *,
    subject: str,
    subject_id: int,
    customer_id: int,
    text: str,
    opinion: dict[str, Any],
    place: str,
    place_id: int,
    said_at: datetime | None = None,
) -> Alert | None:
    """Raise one alert for a text that asks for a person; None when it does not, or when it already has one.

    `opinion` is the engine's whole answer; `place` is 'topic' or 'conversation'; `said_at` is now when not given.
    """
    verdict = judge(_facts(customer_id, opinion), thresholds())
    if not verdict.raises or alert_on(subject, subject_id) is not None:
        return None
    alert = Alert(
        subject=subject,
        subject_id=subject_id,
        customer_id=customer_id,
        text=text,
        opinion=opinion,
        place=place,
        place_id=place_id,
        priority=verdict.priority,
        reasons=list(verdict.reasons),
        opens_case=verdict.opens_case and _fresh(said_at),
        state="new",
        raised_at=utcnow(),
        dismissed_why="",
    )
    try:
        with db.session.begin_nested():
            db.session.add(alert)
    except IntegrityError:
        return None
    announce(AlertRaised(alert.id))
    live.push_to_staff("alert", alert.id)
    return alert


def may_raise(opinion: dict[str, Any]) -> bool:
    """Whether a text with this answer could ask for a person at all, be its writer a stranger or a valued customer."""
    limits = thresholds()
    return any(judge(_opinion_facts(opinion, cents), limits).raises for cents in (0, limits.valued_cents))


def _fresh(said_at: datetime | None) -> bool:
    return said_at is None or utcnow() - said_at <= timedelta(days=setting("service.alert.fresh_days"))


def _facts(customer_id: int, opinion: dict[str, Any]) -> OpinionFacts:
    return _opinion_facts(opinion, worth_of(customer_id))


def _opinion_facts(opinion: dict[str, Any], value_cents: int) -> OpinionFacts:
    return OpinionFacts(
        polarity=opinion["polarity"],
        probability=opinion["probability"],
        complaint=opinion["complaint"],
        urgency=opinion["urgency"],
        value_cents=value_cents,
    )


def worth_of(customer_id: int) -> int:
    """What the customer has brought so far in cents: own orders net of refunds, and the value of those they brought.

    0 without the profiling consent.
    """
    if not has_consent(customer_id, "profiling"):
        return 0
    _, spent = spent_by([customer_id]).get(customer_id, (0, 0))
    brought = facts_of(customer_id).get("value.crv", {}).get("direct_cents", 0)
    return spent + max(int(brought), 0)


def alert_on(subject: str, subject_id: int) -> Alert | None:
    """The alert a text has raised."""
    return db.session.scalar(select(Alert).where(Alert.subject == subject, Alert.subject_id == subject_id))


def open_case_by_rule(alert_id: int) -> Case | None:
    """Open the case an alert calls for; an active case about the same place takes the alert instead."""
    alert = db.session.get_one(Alert, alert_id, with_for_update=True)
    if alert.case_id is not None or alert.state not in PENDING:
        return None
    case = active_case_at(alert.customer_id, alert.place, alert.place_id)
    if case is not None:
        return _join(alert, case)
    return _belong(alert, _case_from(alert, acting=None)) if alert.opens_case else None


def open_case_by_hand(alert: Alert, *, acting: Account) -> Case:
    """Make a case of the alert, or join it to the active one about the same place; the same case when asked twice."""
    db.session.refresh(alert, with_for_update={"of": Alert})
    if alert.case_id is not None:
        return db.session.get_one(Case, alert.case_id)
    if alert.state == "dismissed":
        raise Conflict("alert_dismissed")
    case = active_case_at(alert.customer_id, alert.place, alert.place_id)
    if case is not None:
        return _join(alert, case, acting)
    return _belong(alert, _case_from(alert, acting=acting), acting)


def _case_from(alert: Alert, acting: Account | None) -> Case:
    negative = [name for name, found in alert.opinion["aspects"].items() if found["polarity"] == "negative"]
    return open_case(
        alert.customer_id,
        alert.text,
        source="alert",
        channel=CHANNEL_OF[alert.subject],
        text=alert.text[:4000],
        aspects=negative,
        priority=alert.priority,
        place=alert.place,
        place_id=alert.place_id,
        post_id=alert.subject_id if alert.subject == "post" else None,
        conversation_id=alert.place_id if alert.place == "conversation" else None,
        waits_since=alert.raised_at,
        acting=acting,
        facts={"alert_id": alert.id},
    )


def _join(alert: Alert, case: Case, acting: Account | None = None) -> Case:
    add_entry(case, "alert", acting=acting, text=alert.text, facts={"alert_id": alert.id})
    return _belong(alert, case, acting)


def _belong(alert: Alert, case: Case, acting: Account | None = None) -> Case:
    """Who makes the case by hand has handled the alert; a rule has not: a person still has to look."""
    alert.case_id = case.id
    if acting is not None:
        _settle(alert, acting)
    live.push_to_staff("alert", alert.id)
    return case


def _settle(alert: Alert, acting: Account | None) -> None:
    alert.state = "handled"
    alert.settled_at, alert.settled_by_id = utcnow(), acting.id if acting else None


def settle_alerts_of(case_id: int) -> None:
    """The customer was answered or the case solved: its alerts no longer ask for anybody."""
    pending = select(Alert).where(Alert.case_id == case_id, Alert.state.in_(PENDING))
    for alert in db.session.scalars(pending):
        _settle(alert, None)
        live.push_to_staff("alert", alert.id)


def mark_seen(alert: Alert, *, acting: Account) -> None:
    """Somebody looks at it: it no longer counts as unread."""
    if alert.state == "new":
        alert.state = "seen"
    if alert.seen_at is None:
        alert.seen_at, alert.seen_by_id = utcnow(), acting.id
        live.push_to_staff("alert", alert.id)


def dismiss(alert: Alert, why: str, *, acting: Account) -> None:
    """Nothing to do, and why; Invalid `reason_missing`, Conflict `alert_has_case`."""
    why = " ".join(why.split())[:200]
    if not why:
        raise Invalid("reason_missing", field="why")
    if alert.case_id is not None:
        raise Conflict("alert_has_case")
    alert.state, alert.dismissed_why = "dismissed", why
    alert.settled_at, alert.settled_by_id = utcnow(), acting.id
    live.push_to_staff("alert", alert.id)


def restore(alert: Alert, *, acting: Account) -> None:
    """Take a dismissal back."""
    if alert.state != "dismissed":
        return
    alert.state, alert.dismissed_why = "seen", ""
    alert.settled_at, alert.settled_by_id = None, None
    live.push_to_staff("alert", alert.id)
