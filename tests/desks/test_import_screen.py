"""The import screen: a file is previewed, its columns chosen, carried out by the worker, and reported line by line."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.database import db
from socialcrm.desks.imports import uploads
from socialcrm.desks.imports.models import ImportRun, ImportUpload
from socialcrm.reacting import drain as drain_reactions
from socialcrm.shop.models import Order

Browsers = Callable[[Account], FlaskClient]
ORDERS = (
    "单号,谁,何时,多少\n" + "".join(f"A{n},7,2026-11-01,{n}\n" for n in range(1, 8)) + "A9,7,2026-13-01,5\n"
)
COLUMNS = {"column-id": "单号", "column-customer": "谁", "column-at": "何时", "column-amount": "多少"}


def send(browser: FlaskClient, content: bytes, name: str = "o.csv", kind: str = "orders") -> str:
    answer = browser.post("/admin/imports", data={"kind": kind, "file": (io.BytesIO(content), name)})
    assert answer.status_code == 302, answer.text
    return answer.location


def orders() -> int:
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def test_from_file_to_report(
    cast: dict[str, Account], client_of: Browsers, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE", 3)
    browser = client_of(cast["admin"])
    drain()
    page = send(browser, ORDERS.encode())
    preview = browser.get(page).text
    assert "单号" in preview and "A1" in preview and "8 行" in preview
    assert browser.post(f"{page}/start", data={**COLUMNS, "currency": "CNY"}).status_code == 302
    assert orders() == 0 and "正在导入" in browser.get(page).text
    drain_reactions(rounds=1)
    fragment = browser.get(page, headers={"HX-Request": "true"}).text
    assert orders() == 3 and 'aria-valuenow="3"' in fragment and "<html" not in fragment
    drain()
    db.session.expire_all()
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.made, run.refused, run.finished_at is not None, orders()) == (7, 1, True, 7)
    done = browser.get(page).text
    assert "时间看不懂" in done and "time_invalid" not in done
    assert "导入完成" in done and "hx-trigger" not in done.split('class="stack"', 2)[-1][:200]
    report = browser.get(f"/admin/imports/runs/{run.id}/report.tsv").text
    assert report.splitlines() == ["line\tfield\tcode\tvalue", "9\tat\ttime_invalid\t2026-13-01"]
    again = send(browser, ORDERS.encode())
    browser.post(f"{again}/start", data={**COLUMNS, "currency": "CNY"})
    drain()
    assert orders() == 7


def test_a_workbook_keeps_its_lines(
    cast: dict[str, Account], client_of: Browsers, drain: Callable[[], int]
) -> None:
    book = Workbook()
    for cells in (["id", "name"], ["1", "李娜"], [], ["3", ""]):
        book.worksheets[0].append(cells)
    content = io.BytesIO()
    book.save(content)
    browser = client_of(cast["admin"])
    page = send(browser, content.getvalue(), "people.xlsx", "customers")
    browser.post(f"{page}/start", data={"column-id": "id", "column-name": "name"})
    drain()
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.made, run.refused) == (1, 1)
    assert "4\tname\tname_missing" in browser.get(f"/admin/imports/runs/{run.id}/report.tsv").text


def test_a_missing_column_is_named_and_the_choice_kept(cast: dict[str, Account], client_of: Browsers) -> None:
    browser = client_of(cast["admin"])
    page = send(browser, ORDERS.encode())
    answer = browser.post(f"{page}/start", data={"column-id": "单号", "currency": "USD"})
    assert answer.status_code == 422 and "还缺一列" in answer.text and 'value="USD"' in answer.text
    assert db.session.scalars(select(ImportUpload.state)).one() == "draft"


def test_a_file_that_breaks_off_says_so(cast: dict[str, Account], client_of: Browsers) -> None:
    browser = client_of(cast["admin"])
    for name, content in (
        ("a.pdf", b"%PDF"),
        ("a.csv", b""),
        ("a.xlsx", b"no workbook"),
        ("a.csv", b"a,b\n"),
    ):
        answer = browser.post("/admin/imports", data={"kind": "orders", "file": (io.BytesIO(content), name)})
        assert answer.status_code == 422, name
    assert browser.post("/admin/imports", data={"kind": "orders"}).status_code == 422
    assert db.session.scalar(select(ImportUpload.id)) is None


@pytest.mark.parametrize("who", ["lina", "agent", "manager"])
def test_nobody_else_imports(cast: dict[str, Account], client_of: Browsers, who: str) -> None:
    browser = client_of(cast[who])
    for path in ("/admin/imports", "/admin/imports/1", "/admin/imports/runs/1/report.tsv"):
        assert browser.get(path).status_code == 403
    assert browser.post("/admin/imports", data={}).status_code == 403


def test_the_same_file_is_not_carried_out_twice_at_once(
    cast: dict[str, Account], client_of: Browsers, drain: Callable[[], int]
) -> None:
    browser = client_of(cast["admin"])
    first, second = (send(browser, ORDERS.encode()) for _ in range(2))
    chosen = {**COLUMNS, "currency": "CNY"}
    assert browser.post(f"{first}/start", data=chosen).status_code == 302
    answer = browser.post(f"{second}/start", data=chosen)
    assert answer.status_code == 422 and "正在导入" in answer.text
    drain()
    assert browser.post(f"{second}/start", data=chosen).status_code == 302
    drain()
    assert orders() == 7 and "导入完成" in browser.get(second).text
