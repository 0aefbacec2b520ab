"""The staff's customer list and story: filters, paging, what is shown without consent, who looked, tags by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.customers.actions import (
    add_identity,
    create_customer,
    put_fact,
    put_tag,
    record_moods,
    record_on_timeline,
    suggest_merge,
)
from socialcrm.customers.models import Customer, ProfileAccess
from socialcrm.customers.queries import tags_of
from socialcrm.database import db, transaction, utcnow

from ..factories import make_account


@pytest.fixture
def desk(cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]) -> FlaskClient:
    return client_of(cast["agent"])


def test_the_list_is_narrowed_by_name_key_tag_and_mood(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina = cast["lina"].customer_id
    with transaction():
        add_identity(db.session.get_one(Customer, lina), "phone", "13800138000")
        put_tag(lina, "repeat_buyer", orders=2)
        record_moods([(lina, -0.9, utcnow())])
    for query in (
        "q=李娜",
        "q=138 0013 8000",
        "q=%2B86138",
        "q=LINA@example.com",
        "tag=repeat_buyer",
        "mood=negative",
    ):
        page = desk.get(f"/desk/customers?{query}").text
        assert "李娜" in page and "王强" not in page, query
    assert "没有符合的客户" in desk.get("/desk/customers?q=100%25").text


def test_the_list_tells_who_has_an_account(desk: FlaskClient) -> None:
    with transaction():
        create_customer("只在商城", source="import")
    assert "只在商城" in desk.get("/desk/customers?account=without").text
    assert "只在商城" not in desk.get("/desk/customers?account=with").text


def test_the_list_pages_by_key(desk: FlaskClient) -> None:
    with transaction():
        for number in range(40):
            create_customer(f"客户{number:02d}", source="import")
    first = desk.get("/desk/customers").text
    assert "客户39" in first and "客户05" not in first and "加载更多" in first
    path = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(path, headers={"HX-Request": "true"}).text
    assert "客户05" in second and "客户39" not in second and "<html" not in second


def test_the_story_shows_who_it_is_and_each_look_is_written_down(
    desk: FlaskClient, cast: dict[str, Account]
) -> None:
    lina = cast["lina"].customer_id
    with transaction():
        put_fact(lina, "value.crv", direct_cents=12_800, chain_cents=0)
        put_tag(lina, "delivery_upset", aspect="配送", probability=0.1, subject="post", subject_id=9)
        record_on_timeline(lina, "ordered", "order", 1, utcnow(), cents=12_800, currency="CNY")
    page = desk.get(f"/desk/customers/{lina}").text
    for shown in (
        "李娜",
        "lina@example.com",
        "未验证",
        "配送不满",
        "社群发言 #9",
        "下单",
        "128.00",
        f"/desk/customers/{lina}/value",
    ):
        assert shown in page, shown
    look = db.session.scalars(select(ProfileAccess)).one()
    assert (look.customer_id, look.account_id, look.reason) == (lina, cast["agent"].id, "profile")


def test_who_does_not_serve_sees_that_a_chat_or_a_case_was_but_not_what_was_said(
    desk: FlaskClient, client_of: Callable[[Account], FlaskClient], cast: dict[str, Account]
) -> None:
    lina, now = cast["lina"].customer_id, utcnow()
    with transaction():
        for hour in range(25):
            at = now - timedelta(hours=2 * hour)
            chat = {"excerpt": f"快递{hour}破损", "polarity": "negative", "url": f"/desk/inbox/{hour + 100}"}
            record_on_timeline(lina, "chatted", "message", hour, at, **chat)
            case = {
                "excerpt": f"补寄{hour}一件",
                "url": f"/desk/cases/{hour + 100}",
                "score": 2,
                "text": "太慢",
            }
            record_on_timeline(lina, "case_rated", "case", hour, at - timedelta(hours=1), **case)
        record_on_timeline(lina, "posted", "post", 1, now, excerpt="周末拼豆子", polarity="neutral")
    rows = f"/desk/customers/{lina}/timeline?before={(now - timedelta(hours=9)).isoformat()},0"
    private = ("快递", "补寄", "太慢", "/desk/inbox/1", "/desk/cases/1", "/desk/why/message")
    for page in (f"/desk/customers/{lina}", rows.replace("+", "%2B")):
        seen = client_of(cast["manager"]).get(page).text
        assert "在线客服里说" in seen and "负面" in seen and "评价了处理结果" in seen and "2 分" in seen
        assert not [words for words in private if words in seen]
        served = desk.get(page).text
        assert not [words for words in private if words not in served]
    assert "周末拼豆子" in client_of(cast["manager"]).get(f"/desk/customers/{lina}").text


def test_without_profiling_consent_the_story_says_so_and_shows_no_figures(
    desk: FlaskClient, app: Flask
) -> None:
    quiet = make_account("不画像", consents=())
    with transaction():
        record_on_timeline(
            quiet.customer_id, "posted", "post", 1, utcnow(), excerpt="还没发货", polarity="negative"
        )
    page = desk.get(f"/desk/customers/{quiet.customer_id}").text
    assert "没有同意画像" in page and "净消费" not in page
    assert "还没发货" in page and "负面" not in page


def test_the_story_takes_a_fixed_number_of_queries(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina, now = cast["lina"].customer_id, utcnow()
    with transaction():
        for number in range(60):
            record_on_timeline(lina, "posted", "post", number, now - timedelta(hours=number))
        for code in ("repeat_buyer", "high_value", "silent", "angry"):
            put_tag(lina, code)
    desk.get(f"/desk/customers/{lina}")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT") and "FROM settings" not in statement:
            statements.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    with current_app.app_context():
        desk.get(f"/desk/customers/{lina}")
    sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) <= 12, "\n".join(statements)


def test_the_timeline_pages_by_key_without_gap_or_double(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina, now = cast["lina"].customer_id, utcnow()
    with transaction():
        for number in range(45):
            record_on_timeline(lina, "case_opened", "case", number, now - timedelta(minutes=number // 2))
    page, seen = desk.get(f"/desk/customers/{lina}").text, []
    for _ in range(3):
        seen += [int(part.split("<")[0].split('"')[0]) for part in page.split("工单开始 #")[1:]]
        if "/timeline?" not in page:
            break
        path = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
        page = desk.get(path).text
    assert (
        seen == sorted(seen, key=lambda number: (number // 2, -number)) and len(set(seen)) == len(seen) == 45
    )


def test_a_merge_suggestion_is_shown_on_both_sides(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina, other = cast["lina"].customer_id, cast["chenjing"].customer_id
    with transaction():
        suggest_merge(lina, other, reason="phone")
    assert "可能和「陈静」是同一个人" in desk.get(f"/desk/customers/{lina}").text
    assert "可能和「李娜」是同一个人" in desk.get(f"/desk/customers/{other}").text


def test_a_merged_customer_leads_to_the_one_that_stays(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina = cast["lina"].customer_id
    with transaction():
        create_customer("旧的", source="import", merged_into_id=lina)
    gone = db.session.scalars(select(Customer.id).where(Customer.merged_into_id == lina)).one()
    assert desk.get(f"/desk/customers/{gone}").location == f"/desk/customers/{lina}"
    assert "旧的" not in desk.get("/desk/customers").text


def test_staff_give_and_take_manual_tags_only(desk: FlaskClient, cast: dict[str, Account]) -> None:
    lina = cast["lina"].customer_id
    path = f"/desk/customers/{lina}/tags"
    assert desk.post(path, data={"tag": "call_back", "why": "周五前回电"}).status_code == 302
    assert "周五前回电" in desk.get(f"/desk/customers/{lina}").text
    assert desk.post(path, data={"tag": "silent"}).status_code == 403
    assert desk.post(path, data={"tag": "no_such_tag"}).status_code == 422
    assert desk.post(f"{path}/silent/remove").status_code == 403
    desk.post(f"{path}/call_back/remove")
    assert tags_of(lina) == []
    assert db.session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)).all() == [
        "tag_given",
        "tag_taken",
    ]
