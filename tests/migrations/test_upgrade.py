"""An installation that is in use is brought from each released version to this one, and nothing of it is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.community.topics.models import Topic
from socialcrm.customers.models import Customer
from socialcrm.database import db
from socialcrm.loyalty.models import LedgerEntry
from socialcrm.service.cases.models import Case
from tests.factories import signed_in_key
from tests.migrations.filled import Rows, fill, filled, tables_of

RELEASED = "0001"


@pytest.fixture
def rows() -> Rows:
    return filled(RELEASED)


@pytest.fixture
def in_use(bare: Flask, rows: Rows) -> Iterator[Flask]:
    """An installation of the released version with rows in every table."""
    upgrade(revision=RELEASED)
    with db.engine.begin() as connection:
        assert {table.name for table in tables_of(connection).sorted_tables} == set(rows)
        fill(connection, rows)
    yield bare


def counts(rows: Rows) -> dict[str, int]:
    """Table → rows in the database, for the tables of the file."""
    with db.engine.connect() as connection:
        tables = tables_of(connection).tables
        return {name: connection.scalar(select(func.count()).select_from(tables[name])) or 0 for name in rows}


def balances() -> dict[int, int]:
    """Ledger account → points."""
    query = select(LedgerEntry.account_id, func.sum(LedgerEntry.points)).group_by(LedgerEntry.account_id)
    with db.engine.connect() as connection:
        return {account: int(points) for account, points in connection.execute(query)}


def client_of(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["key"], cookie["seen"] = signed_in_key(account), time.time()
    return client


def test_every_row_is_still_there_and_the_books_balance(in_use: Flask, rows: Rows) -> None:
    before, held = counts(rows), balances()
    assert before == {name: len(some) for name, some in rows.items()}
    upgrade()
    assert (counts(rows), balances()) == (before, held)
    transactions = select(func.sum(LedgerEntry.points)).group_by(LedgerEntry.transaction_id)
    assert set(db.session.scalars(transactions)) == {0}
    assert held and len(set(held.values())) > 2


def test_pages_answer_and_new_rows_go_on(in_use: Flask) -> None:
    upgrade()
    staff = {
        role: db.session.scalars(select(Account).where(Account.role == role)).first()
        for role in ("agent", "manager", "admin")
    }
    member = db.session.scalars(select(Account).where(Account.role == "customer")).first()
    topic = db.session.scalars(select(Topic).order_by(Topic.id)).first()
    customer = db.session.scalars(select(Customer).order_by(Customer.id.desc())).first()
    case = db.session.scalars(select(Case).order_by(Case.id)).first()
    assert member and topic and customer and case
    paths = {
        "agent": [
            "/desk",
            "/desk/cases",
            f"/desk/cases/{case.id}",
            "/desk/customers",
            f"/desk/customers/{customer.id}",
            "/desk/inbox",
        ],
        "manager": ["/manage", "/manage/referrals", f"/topics/{topic.id}"],
        "admin": ["/admin", "/admin/outbox", "/admin/webhooks", "/admin/imports"],
    }
    for role, some in paths.items():
        account = staff[role]
        assert account is not None
        client = client_of(in_use, account)
        for path in some:
            assert client.get(path).status_code == 200, (role, path)
    own = client_of(in_use, member)
    for path in ("/", "/me", "/me/points", "/me/orders", "/groups", f"/groups/{topic.group_id}"):
        assert own.get(path).status_code == 200, path


def test_the_way_back_keeps_what_the_old_version_knew(in_use: Flask, rows: Rows) -> None:
    before = counts(rows)
    upgrade()
    downgrade(revision=RELEASED)
    assert counts(rows) == before
    upgrade()
    assert counts(rows) == before
