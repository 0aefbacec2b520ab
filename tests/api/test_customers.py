"""Customers through the API: kept by verified keys, consents with proof, looks written down, pages by cursor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import record_on_timeline
from socialcrm.customers.models import ProfileAccess
from socialcrm.database import db, transaction, utcnow

from .conftest import Program


def keep(program: Program, **fields: object) -> dict[str, object]:
    return program.ok("POST", "/customers", fields)


def test_found_by_shop_number_and_brought_up_to_date(program: Program) -> None:
    first = keep(program, shop="7", display_name="李娜", email="LiNa@Example.com", city="上海")
    second = keep(program, shop="7", phone="13800138000", verified=["phone"], birthday="1990-05-20")
    assert (first["created"], second["created"], second["id"]) == (True, False, first["id"])
    assert (second["display_name"], second["city"], second["birthday"]) == ("李娜", "上海", "1990-05-20")
    kinds = {each["kind"]: (each["value"], each["verified"]) for each in second["identities"]}  # type: ignore[attr-defined]
    assert kinds == {
        "shop": ("7", True),
        "email": ("lina@example.com", False),
        "phone": ("+8613800138000", True),
    }
    third = keep(program, phone="+86 138 0013 8000", verified=["phone"])
    assert third["id"] == first["id"]


def test_what_is_not_verified_finds_nobody(program: Program) -> None:
    first = keep(program, shop="7", display_name="李娜", email="a@example.com")
    other = keep(program, shop="8", display_name="王强", email="a@example.com")
    assert other["id"] != first["id"]
    answer = program.post("/customers", {"email": "a@example.com", "display_name": "陈静"})
    assert (answer.status_code, answer.json["title"]) == (422, "identity_needed")  # type: ignore[index]


def test_keys_of_two_people_are_refused(program: Program) -> None:
    keep(program, shop="7", display_name="李娜", email="a@example.com", verified=["email"])
    keep(program, shop="9", display_name="陈静")
    clash = program.post("/customers", {"shop": "9", "email": "a@example.com", "verified": ["email"]})
    assert (clash.status_code, clash.json["title"]) == (409, "identity_taken")  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"shop": "7", "display_name": "x" * 61}, "display_name", "length"),
        ({"shop": "7", "display_name": 5}, "display_name", "invalid"),
        ({"shop": "7", "nickname": "x"}, "nickname", "unknown_field"),
        ({"shop": "7", "gender": "?"}, "gender", "unknown_value"),
        ({"shop": "7", "display_name": "a\u0000b"}, "display_name", "invalid_characters"),
        ({"shop": "7", "consents": [{"granted": True}]}, "consents.0.purpose", "required"),
        ([], "", "invalid"),
    ],
)
def test_what_does_not_fit_is_named(program: Program, body: object, field: str, code: str) -> None:
    answer = program.post("/customers", body)
    assert answer.status_code == 422 and answer.content_type == "application/problem+json"
    assert {"in": "json", "field": field, "code": code} in answer.json["errors"]  # type: ignore[index]


@pytest.mark.parametrize(("phone", "title"), [("12", "phone_invalid"), ("abc", "phone_invalid")])
def test_what_the_area_refuses_names_its_field(program: Program, phone: str, title: str) -> None:
    answer = program.post("/customers", {"shop": "7", "display_name": "x", "phone": phone})
    assert (answer.status_code, answer.json["title"], answer.json["field"]) == (422, title, "phone")  # type: ignore[index]


def test_what_is_not_json_is_said(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.key}", "Content-Type": "application/json"}
    answer = program.client.post("/api/v1/customers", data="{", headers=headers)
    assert (answer.status_code, answer.json["title"]) == (400, "not_json")  # type: ignore[index]


def test_consents_need_their_proof_and_withdrawing_forgets(program: Program) -> None:
    person = keep(program, shop="7", display_name="李娜")
    path = f"/customers/{person['id']}/consents"
    refused = program.post(path, {"purpose": "profiling", "granted": True})
    assert (refused.status_code, refused.json["title"]) == (422, "consent_without_proof")  # type: ignore[index]
    given = program.ok("POST", path, {"purpose": "profiling", "granted": True, "proof": "form-7"})
    assert given["in_force"] == {"profiling": True} and given["history"][0]["proof"] == "form-7"
    gone = program.ok("POST", path, {"purpose": "profiling", "granted": False})
    assert gone["in_force"] == {"profiling": False} and len(gone["history"]) == 2
    assert program.ok("GET", path) == gone


def test_manual_tags_only(program: Program) -> None:
    person = keep(program, shop="7", display_name="李娜")
    path = f"/customers/{person['id']}/tags"
    unknown = program.post(path, {"code": "nothing_like_it"})
    assert (unknown.status_code, unknown.json["title"]) == (422, "unknown_tag")  # type: ignore[index]
    from socialcrm.customers.tagging import shipped_tags

    kinds = {
        kind: next(tag.code for tag in shipped_tags().values() if tag.kind == kind)
        for kind in ("manual", "rule")
    }
    computed = program.post(path, {"code": kinds["rule"]})
    assert (computed.status_code, computed.json["title"]) == (409, "tag_computed")  # type: ignore[index]
    assert [tag["code"] for tag in program.ok("POST", path, {"code": kinds["manual"]})["items"]] == [
        kinds["manual"]
    ]
    assert program.ok("DELETE", f"{path}/{kinds['manual']}")["items"] == []


def test_pages_follow_each_other(program: Program) -> None:
    made = [keep(program, shop=str(number), display_name=f"客户{number}")["id"] for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = program.ok("GET", f"/customers?limit=2&cursor={cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen[:5] == made[::-1]
    # The last one is the first moment of the calendar in Shanghai: in UTC there is none.
    for bad in ("x", "WzFd", "W10", "WyJhIl0", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzA4OjAwIiwgMV0"):
        answer = program.get(f"/customers/{made[0]}/timeline?cursor={bad}")
        assert (answer.status_code, answer.json["title"]) == (422, "bad_cursor"), bad  # type: ignore[index]


def test_found_by_key(program: Program) -> None:
    person = keep(program, shop="7", display_name="李娜", email="a@example.com")
    assert [each["id"] for each in program.ok("GET", "/customers?shop=7")["items"]] == [person["id"]]
    assert program.ok("GET", "/customers?shop=8")["items"] == []
    assert program.ok("GET", "/customers?email=a@example.com")["items"] == []


def test_who_looked_is_written_down_and_shown(
    program: Program, cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    lina = cast["lina"]
    for _ in range(2):
        program.ok("GET", f"/customers/{lina.customer_id}")
    looks = db.session.scalars(
        select(ProfileAccess).where(ProfileAccess.customer_id == lina.customer_id)
    ).all()
    assert [(look.program, look.account_id, look.reason) for look in looks] == [("商城", None, "api")]
    page = client_of(lina).get("/me/data").text
    assert "商城" in page and "接入的系统" in page


def test_nobody_and_numbers_beyond_are_not_found(program: Program) -> None:
    for number in (0, 999_999, 2**63, 10**30):
        assert program.get(f"/customers/{number}").status_code == 404


def test_what_was_said_in_chats_takes_a_scope_of_its_own(
    program: Program, program_with: Callable[..., Program]
) -> None:
    person = keep(program, shop="7", display_name="李娜")
    with transaction():
        said = {"excerpt": "快递破损", "polarity": "negative", "url": "/desk/inbox/1"}
        record_on_timeline(person["id"], "chatted", "message", 1, utcnow(), **said)
        record_on_timeline(person["id"], "posted", "post", 1, utcnow(), excerpt="周末拼豆子")
    path = f"/customers/{person['id']}/timeline"
    seen = {each["kind"]: each["facts"] for each in program_with("customers:read").ok("GET", path)["items"]}
    assert seen["chatted"] == {"polarity": "negative"} and seen["posted"] == {"excerpt": "周末拼豆子"}
    both = program_with("customers:read", "conversations:read").ok("GET", path)["items"]
    assert next(each for each in both if each["kind"] == "chatted")["facts"] == said


def test_the_timeline_tells_what_happened(program: Program, drain: Callable[[], int]) -> None:
    person = keep(program, shop="7", display_name="李娜")
    order = {
        "code": "A1",
        "customer": {"id": person["id"]},
        "placed_at": "2026-11-01T10:00:00+08:00",
        "total_cents": 100,
    }
    program.ok("POST", "/orders", order)
    drain()
    entries = program.ok("GET", f"/customers/{person['id']}/timeline")["items"]
    assert [entry["kind"] for entry in entries if entry["subject"] == "order"] == ["ordered"]
