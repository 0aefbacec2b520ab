"""No address brings a page down: numbers that no database holds count as none."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.channels.actions import open_conversation
from socialcrm.database import transaction
from tests.service.making import make_case

from .test_house_rules import SOURCES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("/me/people?before={}", "lina"),
        ("/me/points?before={}", "lina"),
        ("/me/orders?before={}", "lina"),
        ("/me/data?before={}", "lina"),
        ("/messages?before={}", "lina"),
        ("/manage/referrals?after={}", "manager"),
        ("/desk/customers?before={}", "agent"),
        ("/desk/playground?example={}", "agent"),
        ("/desk/learning/changes?before={0}&seen={0}&changed={0}", "agent"),
        ("/admin/people?before={}", "admin"),
        ("/admin/audit?before={}", "admin"),
        ("/admin/reactions?before={}", "admin"),
        ("/admin/outbox?before={}", "admin"),
    ],
)
def test_numbers_nobody_could_have(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient], address: str, who: str
) -> None:
    browser = client_of(cast[who])
    known = browser.get(address.format("")).status_code
    assert known == 200
    assert {browser.get(address.format(number)).status_code for number in ("9" * 30, "-1", "x")} == {200}


@pytest.mark.parametrize(
    "key", ["0001-01-01T00:00:00+08:00,1", "2026-01-01,1", "2026-01-01T00:00:00+00:00," + "9" * 30, "9" * 30]
)
def test_keys_of_rows_nobody_could_have_seen(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient], key: str
) -> None:
    with transaction():
        conversation = open_conversation(cast["lina"].customer_id)
    case, browser = make_case(cast["lina"]), client_of(cast["agent"])
    for page, after in (
        ("/desk/inbox", "before"),
        ("/desk/cases", "after"),
        (f"/desk/inbox/{conversation.id}/messages", "before"),
        (f"/desk/cases/{case.id}/entries", "after"),
        (f"/desk/customers/{cast['lina'].customer_id}/timeline", "before"),
    ):
        answer = browser.get(page, query_string={after: key})
        assert answer.status_code in (200, 422), (page, answer.status_code)


@pytest.mark.parametrize(
    "page",
    [
        "/desk/listening",
        "/desk/listening/texts",
        "/desk/listening/aspect",
        "/desk/listening/words",
        "/desk/listening/figures.csv",
        "/desk/report",
        "/desk/report/cases.csv",
    ],
)
def test_days_at_the_ends_of_the_calendar(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient], page: str
) -> None:
    browser = client_of(cast["admin"])
    for since, until in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31"), ("x", "2026-13-01")):
        asked = {"since": since, "until": until, "week": since}
        assert browser.get(page, query_string=asked).status_code == 200


def test_addresses_are_read_by_what_knows_the_limits() -> None:
    assert [str(path) for path in SOURCES if re.search(r"type=int\b", path.read_text())] == []
