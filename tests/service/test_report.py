"""The case report: its figures, its CSV for spreadsheets, and days read in the brand's zone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.database import transaction, utcnow
from socialcrm.service.cases.actions import merge_cases, solve
from socialcrm.service.reports.queries import figures
from socialcrm.service.surveys.actions import rate_case

from .making import make_case

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def test_figures_count_what_was_opened_and_leave_out_what_was_merged(cast: Cast) -> None:
    first, second, third = (make_case(cast["lina"], f"第 {n} 件") for n in range(3))
    with transaction():
        merge_cases(third, second, acting=cast["agent"])
        solve(first, "补发了", acting=cast["agent"])
    with transaction():
        rate_case(first, 4)
    now = utcnow()
    found = figures(now - timedelta(hours=1), now + timedelta(hours=1))
    assert (found.opened, found.solved, found.satisfaction, found.rated) == (2, 1, 4.0, 1)
    assert figures(now - timedelta(hours=2), now - timedelta(hours=1)).opened == 0


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing_there(cast: Cast, client_of: ClientOf) -> None:
    case = make_case(cast["lina"], "=1+1 杯子碎了, 真的")
    answer = client_of(cast["agent"]).get("/desk/report/cases.csv")
    text = answer.data.decode()
    assert text.startswith("\ufeff") and answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 2 and rows[1][0] == str(case.id)
    assert rows[1][2] == "'=1+1 杯子碎了, 真的"


def test_days_that_cannot_be_read_are_the_last_thirty(cast: Cast, client_of: ClientOf) -> None:
    make_case(cast["lina"], "杯子碎了")
    client = client_of(cast["agent"])
    assert "杯子碎了" in client.get("/desk/report?since=yesterday&until=2026-02-31").text
    assert "杯子碎了" not in client.get("/desk/report?since=2020-01-01&until=2020-01-02").text
