"""The document as a page, and the border between the API's errors and the pages'."""

from __future__ import annotations

import html
import json
import time
from typing import Any

from flask.testing import FlaskClient

from socialcrm.outbox.webhooks.signing import signature

from .conftest import Program


def test_the_document_is_a_page_that_needs_no_script_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/v1/")
    assert page.status_code == 200
    assert "/api/v1/customers/{customer_id}" in page.text and "customers:write" in page.text
    assert "lines[].quantity" in page.text
    assert 'src="http' not in page.text and 'href="http' not in page.text
    assert "`" not in page.text.replace("</script>", "")
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")  # type: ignore[index]


def test_it_tells_how_to_begin_in_both_languages(client: FlaskClient) -> None:
    for language in ("zh", "en"):
        page = client.get(f"/api/v1/?lang={language}").text
        for part in (
            "Authorization: Bearer",
            "Idempotency-Key",
            "problem+json",
            "X-SocialCRM-Signature",
            "hmac",
        ):
            assert part in page
    assert "报告一笔退款" in client.get("/api/v1/?lang=zh").text
    assert "Report a refund" in client.get("/api/v1/?lang=en").text


def test_the_example_of_checking_a_signature_is_right(client: FlaskClient) -> None:
    page = html.unescape(client.get("/api/v1/").text)
    source = page[page.index("import hashlib, hmac, time") :]
    scope: dict[str, Any] = {}
    exec(source[: source.index("</code>")], scope)
    now, body = int(time.time()), '{"name": "李娜"}'.encode()
    assert scope["genuine"]("whsec_x", signature("whsec_x", now, body), body)
    assert not scope["genuine"]("whsec_x", signature("whsec_x", now, body), body + b" ")
    assert not scope["genuine"]("whsec_x", signature("whsec_x", now - 600, body), body)


def test_the_example_order_is_taken(client: FlaskClient, program: Program) -> None:
    page = html.unescape(client.get("/api/v1/").text)
    body = json.loads(page[page.index("-d '") + 4 : page.index("}'") + 1])
    assert program.ok("POST", "/orders", body)["total_cents"] == body["total_cents"]


def test_errors_under_the_prefix_are_problems_and_pages_stay_pages(client: FlaskClient) -> None:
    api = client.get("/api/v1/nothing")
    assert (api.status_code, api.content_type) == (404, "application/problem+json")
    assert client.get("/nothing").content_type.startswith("text/html")
    assert client.delete("/api/v1/customers").status_code == 405
    assert client.get("/topics/99999999999999999999999").status_code == 404
