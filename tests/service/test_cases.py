"""A case from opening to the customer's answer: thread, clocks, queue, waiting, merging, reopening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.channels.actions import open_conversation, receive_message, send_message
from socialcrm.channels.models import Message
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Conflict, Invalid
from socialcrm.outbox.queries import notices_of
from socialcrm.service.cases.actions import (
    REOPEN_WITHIN,
    add_note,
    answer_privately,
    change_facts,
    customer_says,
    merge_cases,
    open_case,
    snooze,
    solve,
    wait_for_customer,
)
from socialcrm.service.cases.escalation import close_unrated, escalate_breached, wake_snoozed
from socialcrm.service.cases.models import Case, CaseEntry
from socialcrm.service.cases.queries import entries_of, work_list
from socialcrm.service.cases.staffing import assign_case, serve_queue, set_desk
from socialcrm.service.surveys.actions import rate_case
from socialcrm.service.teams.actions import change_rules, hours_of, reset_clocks

from .making import make_case

Cast = dict[str, Account]
Drain = Callable[[], int]


def _kinds(case: Case, audience: str | None = None) -> list[str]:
    return [entry.kind for entry in entries_of(case.id, audience=audience)]


def test_a_submitted_form_opens_one_case(cast: Cast) -> None:
    with transaction():
        first = open_case(cast["lina"].customer_id, "杯子碎了", source="form", channel="form", once="k1")
    with transaction():
        again = open_case(cast["lina"].customer_id, "杯子碎了", source="form", channel="form", once="k1")
    assert first.id == again.id and db.session.scalar(select(func.count(Case.id))) == 1


def test_an_answer_reaches_the_customer_once(cast: Cast, drain: Drain) -> None:
    case = make_case(cast["lina"])
    for _ in range(2):
        with transaction():
            answer_privately(case, "马上补发", acting=cast["agent"], once="a1")
    drain()
    assert _kinds(case).count("answered") == 1
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert case.waits_since is None and case.first_reply_seconds is not None
    assert [notice.template for notice in notices_of(cast["lina"].customer_id)] == [
        "case_answered",
        "case_opened",
    ]


def test_notes_are_only_for_us(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        add_note(case, "这位客户上次也遇到过", acting=cast["agent"])
    assert "note" in _kinds(case) and "note" not in _kinds(case, "customer")


def test_waiting_stops_the_clock_and_the_customers_word_starts_it(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        answer_privately(case, "方便发张照片吗?", acting=cast["agent"], wait=True)
    assert (case.status, case.reply_due_at, case.solve_due_at) == ("waiting", None, None)
    with transaction():
        customer_says(case, "照片发了", once="c1")
    assert case.status == "open" and case.reply_due_at is not None and case.solve_due_at is not None
    assert _kinds(case)[-2:] == ["said", "resumed"]


def test_what_is_said_in_its_chat_belongs_to_the_case(cast: Cast, drain: Drain) -> None:
    case = make_case(cast["lina"])
    with transaction():
        answer_privately(case, "方便发张照片吗?", acting=cast["agent"], wait=True)
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
        receive_message(conversation, "杯口裂了一道")
    drain()
    assert case.status == "open" and "said" in _kinds(case, "customer")
    with transaction():
        send_message(conversation, "收到,今天补发", acting=cast["agent"])
    drain()
    assert _kinds(case, "customer").count("answered") == 2 and case.waits_since is None


def test_a_good_answer_closes_the_loop_and_a_bad_one_opens_it_again(cast: Cast, drain: Drain) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "已补发,顺丰单号 1234", acting=cast["agent"], root_cause="包装太薄", once="s1")
    drain()
    assert case.status == "solved" and case.rounds == 1
    with transaction():
        rate_case(case, 1, "还是碎的")
    drain()
    assert case.status == "reopened" and case.priority == "high"
    assert [notice.template for notice in notices_of(cast["lead"].customer_id)] == ["case_unhappy"]
    with pytest.raises(Conflict), transaction():
        rate_case(case, 5)
    with transaction():
        solve(case, "换了铁罐包装重寄", acting=cast["agent"], once="s2")
    with transaction():
        rate_case(case, 5, "这次很好")
    assert case.status == "closed" and case.closed_at is not None
    with pytest.raises(Conflict), transaction():
        rate_case(case, 5)


def test_a_middling_answer_leaves_it_solved(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "已补发", acting=cast["agent"])
    with transaction():
        rate_case(case, 3)
    assert case.status == "solved"


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_one_to_five(cast: Cast, score: int) -> None:
    case = make_case(cast["lina"])
    with pytest.raises(Invalid), transaction():
        rate_case(case, score)


def test_two_matters_of_one_customer_become_one(cast: Cast) -> None:
    first, second = make_case(cast["lina"], "杯子碎了"), make_case(cast["lina"], "杯子碎了第二次")
    other = make_case(cast["wangqiang"])
    with pytest.raises(Conflict, match="merge_other_customer"), transaction():
        merge_cases(first, other, acting=cast["agent"])
    with pytest.raises(Conflict, match="merge_itself"), transaction():
        merge_cases(first, first, acting=cast["agent"])
    with transaction():
        merge_cases(second, first, acting=cast["agent"])
    assert second.status == "closed" and second.merged_into_id == first.id
    with pytest.raises(Conflict, match="case_finished"), transaction():
        customer_says(second, "在吗")


def test_a_full_desk_queues_and_room_serves_the_queue_by_priority(cast: Cast) -> None:
    with transaction():
        for who in ("agent", "lead"):
            set_desk(cast[who], team=None, capacity=1 if who == "agent" else 0, skills=[], on_duty=True)
    first, second = make_case(cast["lina"], "一"), make_case(cast["lina"], "二")
    urgent = make_case(cast["wangqiang"], "三", priority="urgent")
    assert first.assignee_id == cast["agent"].id
    assert second.assignee_id is None and urgent.assignee_id is None
    assert {case.id for case in work_list(cast["agent"], "queue")} == {second.id, urgent.id}
    with transaction():
        solve(first, "好了", acting=cast["agent"])
    assert urgent.assignee_id == cast["agent"].id and second.assignee_id is None
    with transaction():
        set_desk(cast["lead"], team=None, capacity=5, skills=[], on_duty=True)
    assert second.assignee_id == cast["lead"].id
    with transaction():
        assert serve_queue(second.team_id) == 0


def test_by_hand_a_case_goes_to_anybody_at_the_desk(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        assign_case(case, acting=cast["agent"], assignee=cast["lead"])
    assert case.assignee_id == cast["lead"].id
    with pytest.raises(Invalid), transaction():
        assign_case(case, acting=cast["agent"], assignee=cast["manager"])


def test_a_passed_limit_is_reported_once(cast: Cast, drain: Drain) -> None:
    case = make_case(cast["lina"])
    assert escalate_breached() == 0
    with transaction():
        case.reply_due_at = utcnow() - timedelta(minutes=1)
    assert escalate_breached() == 1
    assert escalate_breached() == 0
    drain()
    assert case.priority == "high" and _kinds(case).count("breached") == 1
    assert [notice.template for notice in notices_of(cast["lead"].customer_id)] == ["case_breached"]


def test_a_snoozed_case_leaves_the_list_until_its_time(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with pytest.raises(Invalid), transaction():
        snooze(case, utcnow() - timedelta(minutes=1), acting=cast["agent"])
    with transaction():
        snooze(case, utcnow() + timedelta(hours=1), acting=cast["agent"])
    assert work_list(cast["agent"]) == [] and work_list(cast["agent"], "snoozed") == [case]
    with transaction():
        case.snoozed_until = utcnow() - timedelta(seconds=1)
    assert wake_snoozed() == 1 and work_list(cast["agent"]) == [case]


def test_an_unrated_case_closes_in_time(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "好了", acting=cast["agent"])
    assert close_unrated() == 0
    with transaction():
        case.solved_at = utcnow() - timedelta(days=8)
    assert close_unrated() == 1 and case.status == "closed"


def test_a_finished_case_opens_again_only_for_a_while(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "好了", acting=cast["agent"])
    with transaction():
        customer_says(case, "又坏了")
    assert case.status == "reopened"
    with transaction():
        solve(case, "好了", acting=cast["agent"])
        case.solved_at = utcnow() - REOPEN_WITHIN - timedelta(hours=1)
    with pytest.raises(Conflict, match="case_finished"), transaction():
        customer_says(case, "又坏了")


def test_changes_are_written_down_and_move_the_clock(cast: Cast) -> None:
    case = make_case(cast["lina"])
    before = case.solve_due_at
    with transaction():
        change_facts(
            case, acting=cast["agent"], priority="urgent", aspects=["包装"], root_cause=" 纸箱  太薄 "
        )
    assert case.solve_due_at is not None and before is not None and case.solve_due_at < before
    entry = db.session.scalars(select(CaseEntry).where(CaseEntry.kind == "changed")).one()
    assert entry.facts == {
        "priority": ["normal", "urgent"],
        "aspects": [["质量"], ["包装"]],
        "root_cause": ["", "纸箱 太薄"],
    }


def test_new_hours_move_the_clocks_of_active_cases(cast: Cast) -> None:
    case = make_case(cast["lina"])
    with transaction():
        change_rules(
            {
                "service.hours": hours_of({str(day): "00:00-24:00" for day in range(7)}),
                "service.holidays": False,
            },
            acting=cast["admin"],
        )
    with transaction():
        reset_clocks()
    assert case.waits_since is not None
    assert case.reply_due_at == case.waits_since.replace(microsecond=0) + timedelta(hours=4)
    with pytest.raises(Invalid, match="hours_invalid"):
        hours_of({"0": "12:00-09:00"})


def test_what_is_due_first_comes_first_and_pages_go_on_from_a_key(cast: Cast) -> None:
    cases = [make_case(cast["lina"], f"第 {n} 件") for n in range(3)]
    with transaction():
        wait_for_customer(cases[0], acting=cast["agent"])
        change_facts(cases[2], acting=cast["agent"], priority="urgent")
        for minutes, case in ((30, cases[1]), (10, cases[2])):
            case.due_at = utcnow() + timedelta(minutes=minutes)
    first = work_list(cast["agent"], limit=2)
    assert [case.id for case in first] == [cases[2].id, cases[1].id]
    rest = work_list(cast["agent"], after=(first[-1].due_at, first[-1].id), limit=2)
    assert [case.id for case in rest] == [cases[0].id]
