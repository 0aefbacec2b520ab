"""我的事项: the customer's own page shows only what is for the customer, and hears them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction
from socialcrm.outbox.models import Message as Outgoing
from socialcrm.service.cases.actions import add_note, answer_privately, solve
from socialcrm.service.cases.models import Case
from socialcrm.service.surveys.actions import rating_of, rating_token

from .making import make_case

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def test_a_feedback_becomes_a_matter_once(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast["lina"])
    form = {"aspect": "质量", "title": "豆子有异味", "text": "打开就有一股油味", "once": "m1"}
    assert client.post("/me/matters/new", data={"title": "", "text": ""}).status_code == 422
    for _ in range(2):
        assert client.post("/me/matters/new", data=form).status_code == 303
    case = db.session.scalars(select(Case)).one()
    assert (case.source, case.aspects) == ("form", ["质量"])
    assert "豆子有异味" in client.get("/me/matters").text


def test_notes_stay_inside(cast: Cast, client_of: ClientOf) -> None:
    case = make_case(cast["lina"])
    with transaction():
        add_note(case, "内部:可能是老问题", acting=cast["agent"])
        answer_privately(case, "今天补发一只新的", acting=cast["agent"])
    page = client_of(cast["lina"]).get(f"/me/matters/{case.id}").text
    assert "今天补发一只新的" in page and "可能是老问题" not in page


@pytest.mark.parametrize(("who", "status"), [("lina", 200), ("wangqiang", 404), ("agent", 404), (None, 302)])
def test_only_its_customer_opens_a_matter(
    cast: Cast, client_of: ClientOf, client: FlaskClient, who: str | None, status: int
) -> None:
    case = make_case(cast["lina"])
    browser = client_of(cast[who]) if who else client
    assert browser.get(f"/me/matters/{case.id}").status_code == status


@pytest.mark.parametrize("deed", ["entries", "rating"])
def test_nobody_else_writes_into_it(cast: Cast, client_of: ClientOf, deed: str) -> None:
    case = make_case(cast["lina"])
    answer = client_of(cast["wangqiang"]).post(
        f"/me/matters/{case.id}/{deed}", data={"text": "x", "score": "1"}
    )
    assert answer.status_code == 404


def test_adding_and_rating(cast: Cast, client_of: ClientOf) -> None:
    case = make_case(cast["lina"])
    client = client_of(cast["lina"])
    assert (
        client.post(f"/me/matters/{case.id}/entries", data={"text": "补一张照片", "once": "e"}).status_code
        == 303
    )
    assert client.post(f"/me/matters/{case.id}/rating", data={"score": "5"}).status_code == 422
    with transaction():
        solve(case, "补发了", acting=cast["agent"])
    assert "这次处理得怎么样" in client.get(f"/me/matters/{case.id}").text
    assert client.post(f"/me/matters/{case.id}/rating", data={"score": "9"}).status_code == 422
    assert (
        client.post(f"/me/matters/{case.id}/rating", data={"score": "5", "text": "很快"}).status_code == 303
    )
    assert case.status == "closed"


def test_the_mailed_link_rates_once_and_looking_rates_nothing(
    cast: Cast, client: FlaskClient, drain: Callable[[], int]
) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "补发了", acting=cast["agent"])
    drain()
    link = db.session.scalars(
        select(Outgoing).where(Outgoing.template == "case_solved", Outgoing.channel == "mail")
    )
    path = "/rate/" + link.one().facts["link"].rpartition("/")[2]
    assert client.get(path).status_code == 200 and rating_of(case.id, 1) is None
    assert client.post(path, data={"score": "2", "text": "还是碎的"}).status_code == 200
    assert "已收到你的评价" in client.get(path).text
    client.post(path, data={"score": "5"})
    rating = rating_of(case.id, 1)
    assert rating is not None and (rating.score, rating.source) == (2, "link")
    assert case.status == "reopened"
    assert client.get("/rate/forged.token").status_code == 404


def test_an_old_rounds_link_is_over(cast: Cast, client: FlaskClient) -> None:
    case = make_case(cast["lina"])
    with transaction():
        solve(case, "补发了", acting=cast["agent"])
        old = rating_token(case)
    with transaction():
        case.rounds = 2
    assert "已经结束" in client.get(f"/rate/{old}").text
    assert client.post(f"/rate/{old}", data={"score": "5"}).status_code == 422
