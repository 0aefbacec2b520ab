"""A text raises one alert; the alert becomes one case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import put_fact
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Conflict, Invalid
from socialcrm.events import EventRow
from socialcrm.service.alerts.actions import (
    dismiss,
    mark_seen,
    open_case_by_hand,
    open_case_by_rule,
    restore,
)
from socialcrm.service.alerts.models import Alert
from socialcrm.service.alerts.queries import alerts_visible_to_staff
from socialcrm.service.cases.actions import answer_privately
from socialcrm.service.cases.models import Case, CaseEntry, Team
from socialcrm.settings import change_setting

from .making import raise_alert

Cast = dict[str, Account]


def test_the_storys_sentence_raises_one_alert_however_often_it_is_considered(cast: Cast) -> None:
    first = raise_alert(cast["wangqiang"])
    assert first is not None and first.state == "new" and first.opens_case
    assert raise_alert(cast["wangqiang"]) is None
    assert db.session.scalar(select(func.count(Alert.id))) == 1
    assert db.session.scalar(select(func.count()).where(EventRow.name == "AlertRaised")) == 1


def test_a_post_and_a_message_with_the_same_number_are_two_texts(cast: Cast) -> None:
    assert raise_alert(cast["lina"])
    assert raise_alert(cast["lina"], subject="message", place="conversation", place_id=3)


def test_praise_raises_none(cast: Cast) -> None:
    assert raise_alert(cast["lina"], "包装很用心,豆子也新鲜,会回购。") is None


def test_what_a_customer_is_worth_lowers_the_threshold(cast: Cast) -> None:
    text = "快递太慢了,等得有点失望"
    with transaction():
        change_setting("service.alert.complaint", 0.99)
        change_setting("service.alert.valued_bonus", 0.9)
        put_fact(cast["lina"].customer_id, "value.crv", direct_cents=500_000)
    assert raise_alert(cast["wangqiang"], text, 1) is None
    valued = raise_alert(cast["lina"], text, 2)
    assert valued is not None and "valued_customer" in valued.reasons


def test_the_rule_opens_one_case_for_the_delivery_team(cast: Cast) -> None:
    alert = raise_alert(cast["wangqiang"])
    assert alert is not None
    with transaction():
        case = open_case_by_rule(alert.id)
    assert case is not None and case.reply_due_at is not None
    assert db.session.get_one(Team, case.team_id).name == "配送组"
    assert case.aspects[:2] == ["配送", "客服"] and "包装" not in case.aspects
    assert db.session.get_one(Alert, alert.id).state == "new"
    with transaction():
        assert open_case_by_rule(alert.id) is None
    assert db.session.scalar(select(func.count(Case.id))) == 1


def test_by_hand_and_by_rule_make_the_same_case(cast: Cast) -> None:
    alert = raise_alert(cast["wangqiang"])
    assert alert is not None
    with transaction():
        by_hand = open_case_by_hand(alert, acting=cast["agent"])
    with transaction():
        assert open_case_by_rule(alert.id) is None
        assert open_case_by_hand(alert, acting=cast["lead"]).id == by_hand.id


def test_a_second_angry_text_in_the_same_place_joins_the_case(cast: Cast) -> None:
    first, second = raise_alert(cast["wangqiang"]), raise_alert(cast["wangqiang"], subject_id=2)
    elsewhere = raise_alert(cast["wangqiang"], subject_id=3, place_id=8)
    cases = []
    for alert in (first, second, elsewhere):
        assert alert is not None
        with transaction():
            found = open_case_by_rule(alert.id)
            assert found is not None
            cases.append(found.id)
    assert cases[0] == cases[1] != cases[2]
    kinds = db.session.scalars(select(CaseEntry.kind).where(CaseEntry.case_id == cases[0])).all()
    assert kinds.count("opened") == 1 and kinds.count("alert") == 1


def test_dismissing_needs_a_reason_and_can_be_taken_back(cast: Cast) -> None:
    alert = raise_alert(cast["wangqiang"])
    assert alert is not None
    with pytest.raises(Invalid), transaction():
        dismiss(alert, "  ", acting=cast["agent"])
    with transaction():
        dismiss(alert, "在开玩笑", acting=cast["agent"])
    with pytest.raises(Conflict), transaction():
        open_case_by_hand(alert, acting=cast["agent"])
    with transaction():
        restore(alert, acting=cast["agent"])
    assert (alert.state, alert.dismissed_why) == ("seen", "")


def test_a_rules_alert_waits_for_a_person_until_the_customer_is_answered(
    cast: Cast, drain: Callable[[], int]
) -> None:
    raise_alert(cast["wangqiang"])
    drain()
    alert = alerts_visible_to_staff()[0]
    assert alert.case_id is not None and alert.state == "new"
    with transaction():
        mark_seen(alert, acting=cast["agent"])
        answer_privately(db.session.get_one(Case, alert.case_id), "马上查", acting=cast["agent"])
    drain()
    assert alerts_visible_to_staff() == [] and alert.state == "handled"


def test_history_raises_an_alert_but_opens_no_case(cast: Cast) -> None:
    old = raise_alert(cast["wangqiang"], said_at=utcnow() - timedelta(days=30))
    assert old is not None and not old.opens_case
    with transaction():
        assert open_case_by_rule(old.id) is None
        assert open_case_by_hand(old, acting=cast["agent"]).assignee_id is not None
