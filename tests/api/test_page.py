"""The document as a page, and the border between the API's errors and the pages'."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_the_document_is_a_page_that_needs_no_script_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/v1/")
    assert page.status_code == 200
    assert "/api/v1/customers/{customer_id}" in page.text and "customers:write" in page.text
    assert "lines[].quantity" in page.text
    assert "http://" not in page.text and "https://" not in page.text
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")  # type: ignore[index]


def test_errors_under_the_prefix_are_problems_and_pages_stay_pages(client: FlaskClient) -> None:
    api = client.get("/api/v1/nothing")
    assert (api.status_code, api.content_type) == (404, "application/problem+json")
    assert client.get("/nothing").content_type.startswith("text/html")
    assert client.delete("/api/v1/customers").status_code == 405
    assert client.get("/topics/99999999999999999999999").status_code == 404
