"""A proven address finds the customer an import already knew; an unproven one finds nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.accounts.proof import has_life_of_its_own, prove_identity
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.customers.actions import add_identity, create_customer, record_on_timeline
from socialcrm.customers.models import Customer, Identity, MergeSuggestion
from socialcrm.customers.queries import consents_of, customer_by_identity, timeline_of
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Conflict

from ..factories import make_account

PHONE = "+8613800138000"


@pytest.fixture
def known(app: Flask) -> Customer:
    """李娜 as the shop knows her: an order, a phone, no account."""
    with transaction():
        customer = create_customer("L. Na", source="import")
        add_identity(customer, "phone", PHONE, verified=True)
        record_on_timeline(customer.id, "ordered", "order", 1, utcnow())
    return customer


def signed_up(*, consents: tuple[str, ...] = ("profiling",)) -> Account:
    account = make_account("李娜", consents=consents)
    with transaction():
        account.phone = PHONE
        add_identity(account.customer, "phone", PHONE)
        record_on_timeline(account.customer_id, "signed_up", "account", account.id, utcnow())
    return account


def test_an_unproven_phone_matches_nobody(known: Customer) -> None:
    account = signed_up()
    assert account.customer_id != known.id
    found = customer_by_identity("phone", PHONE)
    assert found is not None and found.id == known.id


def test_proof_gives_the_account_the_customer_already_known(
    known: Customer, drain: Callable[[], int]
) -> None:
    account = signed_up()
    fresh_id = account.customer_id
    with transaction():
        assert prove_identity(account, "phone") == "attached"
    drain()
    account = db.session.get_one(Account, account.id, populate_existing=True)
    assert account.customer_id == known.id and account.customer.display_name == "李娜"
    assert consents_of(known.id) == {"profiling": True}
    kinds = {entry.kind for entry in timeline_of(known.id)}
    assert kinds == {"ordered", "signed_up", "account_attached"}
    assert db.session.get_one(Customer, fresh_id).merged_into_id == known.id
    assert {
        (row.kind, row.customer_id) for row in db.session.scalars(select(Identity)) if row.verified_at
    } == {("phone", known.id)}


def test_an_import_that_only_noted_the_phone_is_claimed_by_its_owner(app: Flask) -> None:
    with transaction():
        noted = create_customer("L. Na", source="import")
        add_identity(noted, "phone", PHONE)
    account = signed_up()
    with transaction():
        assert prove_identity(account, "phone") == "attached"
    found = customer_by_identity("phone", PHONE)
    assert found is not None and found.id == noted.id == account.customer_id


def test_two_imports_with_the_same_phone_are_left_to_staff(app: Flask) -> None:
    with transaction():
        for name in ("一", "二"):
            add_identity(create_customer(name, source="import"), "phone", PHONE)
    account = signed_up()
    own = account.customer_id
    with transaction():
        assert prove_identity(account, "phone") == "verified"
    assert account.customer_id == own


def test_who_has_a_life_of_their_own_already_is_suggested_to_staff(
    known: Customer, cast: dict[str, Account]
) -> None:
    account = signed_up()
    with transaction():
        group = create_group("咖啡品鉴交流", kind="product", leader_id=cast["manager"].customer_id)
        assert not has_life_of_its_own(account.customer_id)
        join_group(group.id, account.customer_id, accepted_version=0)
        assert has_life_of_its_own(account.customer_id)
        assert prove_identity(account, "phone") == "suggested"
        assert prove_identity(account, "phone") == "suggested"
    suggestion = db.session.scalars(select(MergeSuggestion)).one()
    assert (suggestion.customer_id, suggestion.other_id, suggestion.reason) == (
        account.customer_id,
        known.id,
        "phone",
    )


def test_an_address_proven_by_another_account_is_refused(app: Flask) -> None:
    first, second = signed_up(), None
    with transaction():
        prove_identity(first, "phone")
        first.phone = None
    second = signed_up()
    with pytest.raises(Conflict, match="identity_taken"), transaction():
        prove_identity(second, "phone")


def test_the_attached_member_keeps_the_session(
    known: Customer, client_of: Callable[[Account], FlaskClient]
) -> None:
    account = signed_up()
    client = client_of(account)
    with transaction():
        prove_identity(account, "phone")
    assert "已验证" in client.get("/me/profile").text
