"""What a person may do in a group, by its access, their role and their membership."""

from __future__ import annotations

import pytest

from socialcrm.community.rights import rights_in

S, R, W, M, G = "see", "read", "write", "moderate", "manage"


@pytest.mark.parametrize(
    ("access", "role", "state", "member_role", "may", "joining"),
    [
        ("public", None, None, None, {S, R}, "join"),
        ("public", "customer", None, None, {S, R}, "join"),
        ("public", "customer", "left", "member", {S, R}, "join"),
        ("public", "customer", "removed", "member", {S, R}, "ask"),
        ("public", "customer", "active", "member", {S, R, W}, None),
        ("public", "customer", "active", "moderator", {S, R, W, M}, None),
        ("public", "customer", "active", "leader", {S, R, W, M, G}, None),
        ("public", "customer", "left", "leader", {S, R}, "join"),
        ("public", "agent", None, None, {S, R, W}, "join"),
        ("public", "manager", None, None, {S, R, W, M, G}, "join"),
        ("request", None, None, None, {S}, "ask"),
        ("request", "customer", None, None, {S}, "ask"),
        ("request", "customer", "requested", "member", {S}, None),
        ("request", "customer", "invited", "member", {S}, "answer"),
        ("request", "customer", "active", "member", {S, R, W}, None),
        ("request", "lead", None, None, {S, R, W}, "ask"),
        ("invitation", None, None, None, set(), None),
        ("invitation", "customer", None, None, set(), None),
        ("invitation", "customer", "left", "member", set(), None),
        ("invitation", "customer", "removed", "member", set(), None),
        ("invitation", "customer", "invited", "member", {S}, "answer"),
        ("invitation", "customer", "active", "member", {S, R, W}, None),
        ("invitation", "admin", None, None, {S, R, W, M, G}, None),
    ],
)
def test_table(
    access: str,
    role: str | None,
    state: str | None,
    member_role: str | None,
    may: set[str],
    joining: str | None,
) -> None:
    rights = rights_in(access, role, state, member_role)
    assert {name for name in (S, R, W, M, G) if getattr(rights, name)} == may
    assert rights.joining == joining
