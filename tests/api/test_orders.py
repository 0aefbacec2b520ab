"""Orders through the API: the same order once, refunds within its total, buyers by shop number."""

from __future__ import annotations

from sqlalchemy import func, select

from socialcrm.customers.models import Customer
from socialcrm.database import db
from socialcrm.shop.models import Order

from .conftest import Program

ORDER = {
    "code": "A1",
    "customer": {"shop": "7", "display_name": "李娜"},
    "placed_at": "2026-11-01T10:00:00+08:00",
    "total_cents": 12_800,
    "lines": [{"code": "bean", "name": "咖啡豆", "quantity": 2, "price_cents": 6_400}],
}


def test_reported_again_it_is_the_same_order(program: Program) -> None:
    first, second = (program.ok("POST", "/orders", ORDER) for _ in range(2))
    assert first == second
    assert first["placed_at"].startswith("2026-11-01T02:00:00")
    assert first["lines"] == [{"code": "bean", "name": "咖啡豆", "quantity": 2, "price_cents": 6_400}]
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1
    assert db.session.scalar(select(Customer.display_name).where(Customer.source == "shop")) == "李娜"
    differs = program.post("/orders", {**ORDER, "total_cents": 1})
    assert (differs.status_code, differs.json["title"]) == (409, "order_differs")  # type: ignore[index]


def test_a_refund_is_kept_once_and_never_beyond(program: Program) -> None:
    order = program.ok("POST", "/orders", ORDER)
    path = f"/orders/{order['id']}/refunds"
    refund = {"code": "R1", "amount_cents": 10_000, "at": "2026-11-02T10:00:00Z", "reason": "破损"}
    for _ in range(2):
        assert [each["amount_cents"] for each in program.ok("POST", path, refund)["refunds"]] == [10_000]
    beyond = program.post(path, {**refund, "code": "R2"})
    assert (beyond.status_code, beyond.json["title"]) == (409, "refund_exceeds_order")  # type: ignore[index]
    assert program.ok("GET", f"/orders/{order['id']}")["refunds"][0]["reason"] == "破损"


def test_lists_by_customer_and_code(program: Program) -> None:
    order = program.ok("POST", "/orders", ORDER)
    program.ok("POST", "/orders", {**ORDER, "code": "A2", "customer": {"shop": "8"}})
    by_customer = program.ok("GET", f"/orders?customer_id={order['customer_id']}")["items"]
    assert [each["code"] for each in by_customer] == ["A1"]
    assert [each["code"] for each in program.ok("GET", "/orders?code=A2")["items"]] == ["A2"]
    first = program.ok("GET", "/orders?limit=1")
    rest = program.ok("GET", f"/orders?limit=1&cursor={first['next_cursor']}")
    assert [first["items"][0]["code"], rest["items"][0]["code"]] == ["A2", "A1"] and rest[
        "next_cursor"
    ] is None


def test_a_buyer_nobody_can_name_is_refused(program: Program) -> None:
    nameless = program.post("/orders", {**ORDER, "customer": {}})
    assert (nameless.status_code, nameless.json["field"]) == (422, "customer.shop")  # type: ignore[index]
    assert program.post("/orders", {**ORDER, "customer": {"id": 999}}).status_code == 404
    assert program.post("/orders", {**ORDER, "currency": "元元元"}).json["title"] == "currency_invalid"  # type: ignore[index]


def test_products_are_kept_by_code(program: Program) -> None:
    for price in (100, 200):
        program.ok(
            "POST", "/products", {"code": "bean", "name": "咖啡豆", "price_cents": price, "category": "豆"}
        )
    assert [(each["price_cents"], each["category"]) for each in program.ok("GET", "/products")["items"]] == [
        (200, "豆")
    ]


def test_looks_are_kept_with_profiling_consent_only(program: Program) -> None:
    person = program.ok("POST", "/customers", {"shop": "7", "display_name": "李娜"})
    program.ok("POST", "/products", {"code": "bean", "name": "咖啡豆", "price_cents": 100})
    look = {"kind": "viewed_product", "customer_id": person["id"], "product_code": "bean"}
    assert program.ok("POST", "/events", look) == {"recorded": False}
    consent = {"purpose": "profiling", "granted": True, "proof": "form-7"}
    program.ok("POST", f"/customers/{person['id']}/consents", consent)
    assert program.ok("POST", "/events", look) == {"recorded": True}
    entries = program.ok("GET", f"/customers/{person['id']}/timeline")["items"]
    assert [entry["kind"] for entry in entries] == ["viewed_product"]
    assert program.post("/events", {**look, "product_code": "none"}).status_code == 404
