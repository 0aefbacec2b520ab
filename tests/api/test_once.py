"""An Idempotency-Key: the work is done once, the answer is the same, another request with it is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from socialcrm.api.models import ApiRequest
from socialcrm.api.usage import forget_requests
from socialcrm.customers.models import Customer
from socialcrm.database import db, transaction, utcnow

from .conftest import Program

PERSON = {"shop": "A-1", "display_name": "李娜"}


def customers() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer).where(Customer.source == "api")) or 0


def test_the_same_request_gives_the_same_answer(program: Program) -> None:
    first = program.post("/customers", PERSON, Idempotency_Key="k1")
    second = program.post("/customers", PERSON, Idempotency_Key="k1")
    assert first.status_code == 200 and first.json["created"]  # type: ignore[index]
    assert (second.status_code, second.json, second.content_type) == (200, first.json, first.content_type)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert program.ok("POST", "/customers", PERSON)["created"] is False
    assert customers() == 1


def test_another_request_with_the_key_is_refused(program: Program) -> None:
    program.post("/customers", PERSON, Idempotency_Key="k1")
    other = program.post("/customers", {**PERSON, "city": "上海"}, Idempotency_Key="k1")
    assert (other.status_code, other.json["title"]) == (409, "idempotency_key_reused")  # type: ignore[index]
    elsewhere = program.post("/products", {"code": "a", "name": "a", "price_cents": 1}, Idempotency_Key="k1")
    assert elsewhere.status_code == 409


def test_a_refused_request_may_be_repeated(program: Program) -> None:
    assert program.post("/customers", {"shop": "A-1"}, Idempotency_Key="k1").status_code == 422
    assert program.ok("POST", "/customers", PERSON, Idempotency_Key="k1")["created"]


def test_another_integration_may_use_the_same_key(
    program: Program, program_with: Callable[..., Program]
) -> None:
    program.ok("POST", "/customers", PERSON, Idempotency_Key="k1")
    other = program_with("customers:write")
    assert other.ok("POST", "/customers", {"shop": "B-2", "display_name": "王强"}, Idempotency_Key="k1")[
        "created"
    ]


def test_a_key_that_cannot_be_one_is_refused(program: Program) -> None:
    answer = program.post("/customers", PERSON, Idempotency_Key="k" * 101)
    assert (answer.status_code, answer.json["title"]) == (422, "idempotency_key_invalid")  # type: ignore[index]


def test_at_once_one_does_the_work(app: Flask, program: Program) -> None:
    assert program.key
    start = threading.Barrier(4)
    answers: list[object] = []

    def call() -> None:
        start.wait()
        answers.append(Program(app, program.key).post("/customers", PERSON, Idempotency_Key="k1").json)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 4
    assert customers() == 1


def test_answers_are_forgotten_after_a_day(program: Program) -> None:
    program.ok("POST", "/customers", PERSON, Idempotency_Key="k1")
    assert forget_requests() == 0
    with transaction():
        db.session.execute(update(ApiRequest).values(at=utcnow() - timedelta(days=1, minutes=1)))
    assert forget_requests() == 1
