"""The first-run wizard: who may run it, each step, running it again."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account, StaffInvitation
from socialcrm.community.groups.models import Group
from socialcrm.database import db
from socialcrm.settings import forget_cache, setting

OWNER = {"name": "店主", "email": "owner@example.com", "password": "a good long password"}


def test_a_new_installation_is_set_up_step_by_step(app: Flask, client: FlaskClient) -> None:
    assert "开始设置" in client.get("/").text
    assert client.get("/setup").location == "/setup/admin"
    short = client.post("/setup/admin", data=OWNER | {"password": "elevenless"[:9]})
    assert short.status_code == 422 and "至少 10 位" in short.text
    assert client.post("/setup/admin", data=OWNER).location == "/setup/brand"
    answer = client.post("/setup/brand", data={"name": "山谷咖啡", "slogan": "", "colour": "#7a3b12"})
    assert answer.location == "/setup/group"
    group = {"name": "咖啡品鉴交流", "kind": "product", "description": "", "rules": "友善"}
    assert client.post("/setup/group", data=group).location == "/setup/invites"
    client.post("/setup/invites", data={"email": "zhou@example.com", "name": "小周", "role": "agent"})
    assert client.post("/setup/done").location == "/"
    forget_cache()
    assert (setting("brand.name"), setting("brand.set_up")) == ("山谷咖啡", True)
    assert db.session.scalars(select(Account)).one().role == "admin"
    assert db.session.scalars(select(Group)).one().members == 1
    assert db.session.scalars(select(StaffInvitation)).one().role == "agent"
    assert client.get("/setup").location == "/setup/brand"
    client.post("/sign-out")
    assert "开始设置" not in client.get("/").text


def test_once_there_is_an_admin_nobody_else_gets_in(
    client: FlaskClient, cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    assert client.post("/setup/admin", data=OWNER).location.startswith("/sign-in")
    manager = client_of(cast["manager"])
    for step in ("admin", "brand", "group", "invites"):
        assert manager.get(f"/setup/{step}").status_code == 403
    assert db.session.scalar(select(Account.id).where(Account.email == "owner@example.com")) is None


def test_a_taken_group_name_is_told_and_what_was_typed_stays(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    admin = client_of(cast["admin"])
    group = {"name": "咖啡品鉴交流", "kind": "product", "description": "手冲", "rules": ""}
    admin.post("/setup/group", data=group)
    page = admin.post("/setup/group", data=group)
    assert page.status_code == 422 and "已经有一个社群叫这个名字" in page.text and "手冲" in page.text
