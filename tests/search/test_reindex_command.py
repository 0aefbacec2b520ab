"""`socialcrm reindex` on both sets of engines."""

from __future__ import annotations

from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.commands.reindex import rebuild
from socialcrm.database import db, transaction
from socialcrm.search.actions import refresh_documents
from socialcrm.search.documents import Viewer
from socialcrm.search.engines import current_engine
from socialcrm.search.people import CUSTOMERS
from socialcrm.search.queries import search
from tests.search.conftest import settle

STAFF = Viewer(staff=True)


def found(text: str) -> list[int]:
    settle(current_engine())
    return [hit.id for hit in search(text, STAFF).hits]


def test_customers_are_found_after_a_rebuild_by_name_pinyin_and_address(
    app: Flask, cast: dict[str, Account]
) -> None:
    lina = cast["lina"].customer_id
    assert found("李娜") == []
    documents, _ = rebuild(batch=3)
    assert documents == len(cast)
    for asked in ("李娜", "lina", "ln", "ＬＩＮＡ"):
        assert found(asked) == [lina]


def test_a_rebuild_forgets_what_is_gone_and_keeps_what_is_there(app: Flask, cast: dict[str, Account]) -> None:
    wang = cast["wangqiang"].customer_id
    rebuild(batch=100)
    with transaction():
        cast["lina"].customer.merged_into_id = wang
    assert found("李娜") == [cast["lina"].customer_id]
    documents, _ = rebuild(batch=100)
    assert documents == len(cast) - 1
    assert found("李娜") == []
    assert found("王强") == [wang]


def test_refreshing_puts_what_is_searchable_and_takes_out_the_rest(
    app: Flask, cast: dict[str, Account]
) -> None:
    lina, wang = cast["lina"].customer, cast["wangqiang"].customer
    with transaction():
        refresh_documents(CUSTOMERS, [lina.id, wang.id])
    assert found("李娜") == [lina.id]
    with transaction():
        lina.display_name = "李娜娜"
        wang.merged_into_id = lina.id
        db.session.flush()
        refresh_documents(CUSTOMERS, [lina.id, wang.id, 999_999])
    assert found("李娜娜") == [lina.id]
    assert found("王强") == []
