"""Who may open what: a table over the cast, and every POST refuses a request without the CSRF token."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account

MINE = (
    "/me/profile",
    "/me/consents",
    "/me/data",
    "/me/data/export",
    "/me/data/erase",
    "/me/security",
    "/me/security/password",
    "/me/security/second-factor",
)
STAFF = (
    "/desk/customers",
    "/desk/customers/{lina}",
    "/desk/customers/{lina}/timeline",
    "/desk/customers/{lina}/consents",
)
ADMIN = (
    "/admin",
    "/admin/people",
    "/admin/people/{lina_account}",
    "/admin/brand",
    "/admin/security",
    "/admin/consent-texts",
    "/admin/consent-texts/research",
    "/admin/audit",
    "/admin/reactions",
    "/setup/brand",
    "/setup/group",
    "/setup/invites",
)
OPEN = ("/sign-up", "/sign-in", "/forgot", "/people/{lina}")
STAFF_POSTS = ("/desk/customers/{lina}/tags", "/desk/customers/{lina}/tags/call_back/remove")
ADMIN_POSTS = (
    "/admin/people/{lina_account}",
    "/admin/people/invite",
    "/admin/invitations/1/withdraw",
    "/admin/brand",
    "/admin/security",
    "/admin/consent-texts/research",
    "/admin/reactions/1/retry",
    "/setup/brand",
    "/setup/done",
)

#: Who gets what of a page: 200, 403, or 302 (led to the sign-in page). Parametrised over the cast, not over the
#: pages, so that the table costs seven applications and not fifty.
ANSWERS = {
    "guest": {MINE: 302, STAFF: 302, ADMIN: 302},
    "lina": {MINE: 200, STAFF: 403, ADMIN: 403},
    "agent": {MINE: 200, STAFF: 200, ADMIN: 403},
    "lead": {MINE: 200, STAFF: 200, ADMIN: 403},
    "manager": {MINE: 200, STAFF: 200, ADMIN: 403},
    "admin": {MINE: 200, STAFF: 200, ADMIN: 200},
}
REFUSED_POSTS = {
    "guest": STAFF_POSTS + ADMIN_POSTS,
    "lina": STAFF_POSTS + ADMIN_POSTS,
    "agent": ADMIN_POSTS,
    "lead": ADMIN_POSTS,
    "manager": ADMIN_POSTS,
}


def filled(path: str, cast: dict[str, Account]) -> str:
    return path.format(lina=cast["lina"].customer_id, lina_account=cast["lina"].id)


def browser(
    name: str, cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient]
) -> FlaskClient:
    return client if name == "guest" else client_of(cast[name])


@pytest.mark.parametrize("name", ANSWERS)
def test_pages_open_for_whom_they_are_for(
    cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient], name: str
) -> None:
    visitor = browser(name, cast, client, client_of)
    for paths, status in ANSWERS[name].items():
        for path in paths:
            assert visitor.get(filled(path, cast)).status_code == status, path


def test_doors_are_open_to_guests_and_others_lead_to_signing_in(
    cast: dict[str, Account], client: FlaskClient
) -> None:
    for path in OPEN:
        assert client.get(filled(path, cast)).status_code == 200, path
    assert client.get("/me/security").location == "/sign-in?next=/me/security?"


@pytest.mark.parametrize("name", REFUSED_POSTS)
def test_deeds_are_refused_to_others(
    cast: dict[str, Account], client: FlaskClient, client_of: Callable[[Account], FlaskClient], name: str
) -> None:
    visitor = browser(name, cast, client, client_of)
    for path in REFUSED_POSTS[name]:
        answer = visitor.post(filled(path, cast))
        assert answer.status_code == (302 if name == "guest" else 403), path
        assert name != "guest" or answer.location.startswith("/sign-in"), path


def test_a_post_without_the_token_does_nothing(
    app: Flask, cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    client = client_of(cast["admin"])
    app.config["WTF_CSRF_ENABLED"] = True
    others = ("/sign-up", "/sign-in", "/sign-out", "/forgot", "/preferences", "/me/profile")
    for path in (*others, "/me/consents/research", *STAFF_POSTS, *ADMIN_POSTS):
        answer = client.post(filled(path, cast), data={"granted": "1"})
        assert answer.status_code == 400 and "页面放得太久了" in answer.text, path
