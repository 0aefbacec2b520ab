"""What can be found follows what happens: the reactions of flow.py keep the index true."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import add_identity, create_customer
from socialcrm.customers.events import CustomerChanged
from socialcrm.database import transaction
from socialcrm.events import announce
from socialcrm.search.documents import Viewer
from socialcrm.search.engines import current_engine
from socialcrm.search.queries import search
from socialcrm.service.cases.actions import open_case, solve
from tests.search.conftest import settle

STAFF = Viewer(staff=True, every_group=True)


def found(text: str, kind: str) -> list[int]:
    settle(current_engine())
    return [hit.id for hit in search(text, STAFF, kinds=[kind]).hits]


def test_a_new_customer_is_found_and_a_renamed_one_by_the_new_name(
    app: Flask, drain: Callable[[], int]
) -> None:
    with transaction():
        customer = create_customer("欧阳若兰", source="import")
    drain()
    assert found("欧阳若兰", "customer") == [customer.id]
    with transaction():
        customer.display_name = "上官婉儿"
        announce(CustomerChanged(customer.id))
    drain()
    assert found("欧阳若兰", "customer") == []
    assert found("上官", "customer") == [customer.id]


def test_a_proven_phone_finds_its_customer_by_the_last_four_digits(
    app: Flask, drain: Callable[[], int]
) -> None:
    with transaction():
        customer = create_customer("欧阳若兰", source="import")
        add_identity(customer, "phone", "13912345678", verified=True)
    drain()
    assert found("5678", "customer") == [customer.id]


def test_a_case_is_found_by_its_title_its_texts_and_its_customer(
    app: Flask, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    with transaction():
        case = open_case(
            cast["lina"].customer_id,
            "磨豆机异响",
            source="form",
            channel="form",
            text="转动时有金属摩擦声",
        )
    drain()
    for asked in ("磨豆机", "mdj", "金属摩擦", "李娜"):
        assert found(asked, "case") == [case.id]
    with transaction():
        solve(case, "更换了刀盘", acting=cast["agent"], root_cause="刀盘松动")
    drain()
    assert found("刀盘松动", "case") == [case.id]
