"""A page that is not there says so in a page; the API says so in problem+json."""

from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"}


def test_a_browser_gets_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert "这一页不在这里" in answer.text
    assert 'href="/"' in answer.text


def test_the_api_gets_a_problem(client: FlaskClient) -> None:
    answer = client.get("/api/v1/no-such-thing")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
