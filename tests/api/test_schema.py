"""The API answers what its document says, whatever is sent: a short deterministic run of schemathesis."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from socialcrm.accounts.models import Account

from .conftest import Program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8


@pytest.mark.slow
def test_the_document_is_kept(app: Flask, program: Program, cast: dict[str, Account]) -> None:
    order = {"code": "A1", "customer": {"id": cast["lina"].customer_id}, "placed_at": "2026-11-01T10:00:00Z"}
    program.ok("POST", "/orders", {**order, "total_cents": 100})
    program.ok(
        "POST", "/messages", {"customer_id": cast["lina"].customer_id, "channel": "email", "text": "在吗"}
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 25
    headers = {"Authorization": f"Bearer {program.key}"}
    for operation in operations:
        strategy = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()
