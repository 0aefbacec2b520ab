"""The friend's link, my people, and the manager's review, for everybody of the cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction, utcnow
from socialcrm.referrals.actions import add_edge, code_of
from socialcrm.referrals.models import Referral
from socialcrm.referrals.queries import referral_of
from socialcrm.shop.actions import place_order

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def link(cast: Cast, who: str = "lina") -> str:
    with transaction():
        return f"/r/{code_of(cast[who].customer_id).code}"


def test_a_guest_sees_who_invited_and_the_code_waits(app: Flask, cast: Cast, client: FlaskClient) -> None:
    response = client.get(link(cast))
    assert "李娜邀请你" in response.text
    assert "李娜 邀请你来" in client.get("/sign-up").text
    assert client.get("/r/nobody").status_code == 404


def test_a_member_names_the_inviter_once_and_hears_why_not(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    browser = client_of(cast["wangqiang"])
    assert browser.post(link(cast)).status_code == 302
    assert referral_of(cast["wangqiang"].customer_id) is not None
    second = browser.post(link(cast, "chenjing"))
    assert second.status_code == 409 and "邀请人只有一位" in second.text
    loop = client_of(cast["lina"]).post(link(cast, "wangqiang"))
    assert loop.status_code == 409 and "不能再反过来邀请你" in loop.text
    own = client_of(cast["chenjing"]).post(link(cast, "chenjing"))
    assert own.status_code == 409 and "不能邀请自己" in own.text


def test_my_people_and_points_and_me(
    app: Flask, cast: Cast, client_of: ClientOf, drain: Callable[[], int]
) -> None:
    with transaction():
        add_edge(cast["wangqiang"].customer_id, cast["lina"].customer_id, at=utcnow() - timedelta(days=30))
        place_order(
            cast["wangqiang"].customer_id,
            source="s",
            code="9",
            placed_at=utcnow() - timedelta(days=9),
            total_cents=9900,
        )
    drain()
    browser = client_of(cast["lina"])
    assert "王强" in browser.get("/me/people").text
    points = browser.get("/me/points").text
    assert "你邀请的朋友首次购买" in points and "200" in points
    assert browser.get("/me").status_code == 200
    assert browser.get("/me/people/code.svg").mimetype == "image/svg+xml"
    assert "购物 · 订单 9" in client_of(cast["wangqiang"]).get("/me/points").text


@pytest.mark.parametrize(
    ("who", "status"),
    [("lina", 403), ("agent", 403), ("lead", 403), ("manager", 200), ("admin", 200)],
)
def test_who_may_review(app: Flask, cast: Cast, client_of: ClientOf, who: str, status: int) -> None:
    assert client_of(cast[who]).get("/manage/referrals").status_code == status


@pytest.mark.parametrize(("who", "status"), [("lina", 403), ("agent", 200), ("manager", 200), ("admin", 200)])
def test_who_may_see_the_value(app: Flask, cast: Cast, client_of: ClientOf, who: str, status: int) -> None:
    customer = cast["lina"].customer_id
    assert client_of(cast[who]).get(f"/desk/customers/{customer}/value").status_code == status
    assert client_of(cast[who]).get(f"/desk/customers/{customer}/chain.json").status_code == status


def test_a_flagged_referral_waits_for_a_person(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    with transaction():
        edge = add_edge(cast["wangqiang"].customer_id, cast["lina"].customer_id, device_hash="d")
        edge.state = "flagged"
    browser = client_of(cast["manager"])
    assert browser.post(f"/manage/referrals/{edge.id}", data={"verdict": "void"}).status_code == 422
    done = browser.post(f"/manage/referrals/{edge.id}", data={"verdict": "void", "reason": "同一人"})
    assert done.status_code == 302
    db.session.rollback()
    assert db.session.get_one(Referral, edge.id, populate_existing=True).state == "voided"
