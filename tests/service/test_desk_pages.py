"""The desk's pages show what there is, in a fixed number of queries, to service staff only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import event

from socialcrm.accounts.models import Account
from socialcrm.channels.actions import open_conversation, receive_message
from socialcrm.database import db, transaction
from socialcrm.service.alerts.actions import open_case_by_rule

from .making import make_case, raise_alert

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def test_an_alert_shows_its_telling_words_marked(cast: Cast, client_of: ClientOf) -> None:
    alert = raise_alert(cast["wangqiang"])
    assert alert is not None
    page = client_of(cast["agent"]).get(f"/desk/alerts/{alert.id}").text
    assert "王强" in page
    assert "<mark" in page and "▼" in page and "▲" in page
    assert alert.state == "seen" and alert.seen_by_id == cast["agent"].id
    assert client_of(cast["lead"]).get("/desk/alerts/count").text.strip() == ""


def test_the_story_says_who_the_customer_is(cast: Cast, client_of: ClientOf) -> None:
    case = make_case(cast["lina"], "咖啡豆受潮")
    page = (
        client_of(cast["agent"]).get(f"/desk/customers/{cast['lina'].customer_id}/story?case={case.id}").text
    )
    assert "李娜" in page and "咖啡豆受潮" in page


def test_a_case_page_holds_thread_and_tools(cast: Cast, client_of: ClientOf) -> None:
    alert = raise_alert(cast["wangqiang"])
    assert alert is not None
    with transaction():
        case = open_case_by_rule(alert.id)
    assert case is not None
    client = client_of(cast["agent"])
    assert "配送组" in client.get(f"/desk/cases/{case.id}").text
    assert 'data-key="e"' in client.get(f"/desk/cases/{case.id}").text
    assert "合并" in client.get(f"/desk/cases/{case.id}/tools").text
    assert "截止" in client.get(f"/desk/cases/{case.id}/clock").text


def _queries(call: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(connection, cursor, statement, *_):  # type: ignore[no-untyped-def]
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        # A request has a session of its own; the test's may hold a transaction or know the account already.
        with current_app.app_context():
            call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    # The settings' cache lives for seconds; when it ends says nothing about the page.
    return len(
        [
            one
            for one in seen
            if not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE")) and "FROM settings" not in one
        ]
    )


def test_a_page_runs_a_fixed_number_of_queries(cast: Cast, client_of: ClientOf) -> None:
    paths = (
        "/desk",
        "/desk/cases",
        "/desk/inbox",
        "/desk/report",
        "/desk/cases/1",
        "/desk/inbox/1",
        "/desk/alerts/1",
    )

    def fill(start: int, number: int) -> None:
        for n in range(start, start + number):
            raise_alert(cast["wangqiang"], subject_id=n, place_id=n)
            make_case(cast["lina"], f"第 {n} 件事")
            with transaction():
                conversation = open_conversation(cast["lina"].customer_id)
                receive_message(conversation, f"在吗 {n}")
            if n % 2:
                with transaction():
                    conversation.state = "closed"

    client = client_of(cast["agent"])

    def count() -> dict[str, int]:
        return {path: _queries(lambda path=path: client.get(path)) for path in paths}  # type: ignore[misc]

    fill(1, 3)
    count()
    few = count()
    fill(4, 12)
    assert count() == few
    assert max(few.values()) <= 12, few


@pytest.mark.parametrize(
    ("who", "status"),
    [("agent", 200), ("lead", 200), ("admin", 200), ("manager", 403), ("lina", 403), (None, 302)],
)
def test_who_may_open_it(
    cast: Cast, client_of: ClientOf, client: FlaskClient, who: str | None, status: int
) -> None:
    paths = (
        "/desk",
        "/desk/cases",
        "/desk/cases?view=finished",
        "/desk/inbox",
        "/desk/report",
        "/desk/report/cases.csv",
        "/desk/teams",
        "/desk/teams/replies",
    )
    browser = client_of(cast[who]) if who else client
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, status)
