"""Groups: joining by their rules, asking, being invited, leaving; editing them and who keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group, leave_group, set_member_role
from socialcrm.community.groups.models import Group, GroupRules, Membership
from socialcrm.database import db, transaction
from socialcrm.errors import Conflict, Forbidden

from .conftest import Village

ClientOf = Callable[[Account], FlaskClient]


def member(village: Village, who: str) -> Membership | None:
    db.session.expire_all()
    return db.session.get(Membership, (village.group.id, village.cast[who].customer_id))


def test_joining_shows_the_rules_and_keeps_which_were_accepted(village: Village, client_of: ClientOf) -> None:
    chenjing = client_of(village.cast["chenjing"])
    page = chenjing.get(f"/groups/{village.group.id}/join").text
    assert "友善交流，不发广告。" in page and "接受群规并加入" in page
    chenjing.post(f"/groups/{village.group.id}/join", data={"version": "1"})
    joined = member(village, "chenjing")
    assert joined is not None and (joined.state, joined.rules_version) == ("active", 1)
    assert db.session.get_one(Group, village.group.id).members == 3
    assert "发话题" in chenjing.get(f"/groups/{village.group.id}").text


def test_rules_that_changed_meanwhile_are_shown_again(village: Village, client_of: ClientOf) -> None:
    chenjing = client_of(village.cast["chenjing"])
    answer = chenjing.post(f"/groups/{village.group.id}/join", data={"version": "0"})
    assert answer.status_code == 409 and "群规刚刚更新了" in answer.text and "友善交流" in answer.text
    assert member(village, "chenjing") is None


def edit(village: Village, **changes: str) -> dict[str, str]:
    return {
        "name": "咖啡品鉴交流",
        "kind": "product",
        "access": "public",
        "description": "聊豆子、器具和风味。",
        "rules": "友善交流，不发广告。",
        **changes,
    }


def test_other_rules_become_the_next_version(village: Village, client_of: ClientOf) -> None:
    lina = client_of(village.cast["lina"])
    url = f"/groups/{village.group.id}"
    lina.post(f"{url}/edit", data=edit(village))
    assert db.session.scalars(select(GroupRules.version)).all() == [1], "the same words are no new version"
    lina.post(f"{url}/edit", data=edit(village, rules="友善交流。产品问题请带上购买时间。"))
    page = client_of(village.cast["wangqiang"]).get(f"{url}/rules").text
    assert page.index("第 2 版") < page.index("第 1 版") and "接受新的群规" in page
    client_of(village.cast["wangqiang"]).post(f"{url}/join", data={"version": "2"})
    accepted = member(village, "wangqiang")
    assert accepted is not None and accepted.rules_version == 2


def test_a_name_that_is_taken_is_said_in_place(village: Village, client_of: ClientOf) -> None:
    answer = client_of(village.cast["manager"]).post("/groups/new", data=edit(village, once="x"))
    assert answer.status_code == 409 and "已经有叫这个名字的社群" in answer.text


def test_creating_twice_makes_one_group(village: Village, client_of: ClientOf) -> None:
    manager = client_of(village.cast["manager"])
    for _ in range(2):
        answer = manager.post("/groups/new", data=edit(village, name="烘焙师", kind="knowledge", once="x"))
        assert answer.status_code == 302
    assert db.session.scalar(select(db.func.count()).select_from(Group)) == 2


def closed_group(village: Village, access: str) -> Group:
    with transaction():
        return create_group(
            "烘焙师", kind="knowledge", access=access, leader_id=village.cast["lina"].customer_id
        )


def test_asking_and_being_let_in(village: Village, client_of: ClientOf) -> None:
    group = closed_group(village, "request")
    chenjing, lina = client_of(village.cast["chenjing"]), client_of(village.cast["lina"])
    chenjing.post(f"/groups/{group.id}/join", data={"version": "0"})
    assert "等群主同意" in chenjing.get(f"/groups/{group.id}").text
    assert "陈静" in lina.get(f"/groups/{group.id}/members").text
    who = village.cast["chenjing"].customer_id
    lina.post(f"/groups/{group.id}/requests/{who}", data={"let_in": "1"})
    assert chenjing.get(f"/groups/{group.id}/members").status_code == 200


def test_a_request_can_be_taken_back(village: Village, client_of: ClientOf) -> None:
    group = closed_group(village, "request")
    chenjing = client_of(village.cast["chenjing"])
    chenjing.post(f"/groups/{group.id}/join", data={"version": "0"})
    chenjing.post(f"/groups/{group.id}/leave")
    assert "陈静" not in client_of(village.cast["lina"]).get(f"/groups/{group.id}/members").text
    assert "申请加入" in chenjing.get(f"/groups/{group.id}").text


def test_an_invitation_link_opens_a_closed_door(village: Village, client_of: ClientOf) -> None:
    group = closed_group(village, "invitation")
    chenjing, lina = client_of(village.cast["chenjing"]), client_of(village.cast["lina"])
    assert chenjing.get(f"/groups/{group.id}").status_code == 404
    assert chenjing.get(f"/groups/{group.id}?invite=guess").status_code == 404
    found = re.search(r"invite=([\w-]+)", lina.get(f"/groups/{group.id}/members").text)
    assert found is not None
    link = f"/groups/{group.id}/join?invite={found[1]}"
    assert chenjing.get(link).status_code == 200
    assert chenjing.post(link, data={"version": "0", "invitation": found[1]}).status_code == 302
    assert chenjing.get(f"/groups/{group.id}").status_code == 200


def test_inviting_by_name(village: Village, client_of: ClientOf) -> None:
    group = closed_group(village, "invitation")
    lina = client_of(village.cast["lina"])
    url = f"/groups/{group.id}/invitations"
    assert "没有找到" in lina.post(url, data={"name": "没有这个人"}, follow_redirects=True).text
    lina.post(url, data={"name": "@陈静"})
    chenjing = client_of(village.cast["chenjing"])
    assert "加入" in chenjing.get(f"/groups/{group.id}").text
    assert chenjing.post(f"/groups/{group.id}/join", data={"version": "0"}).status_code == 302


def test_leaving_and_being_removed(village: Village) -> None:
    wangqiang = village.cast["wangqiang"].customer_id
    with transaction():
        leave_group(village.group.id, wangqiang)
        join_group(village.group.id, wangqiang, accepted_version=1)
        leave_group(village.group.id, wangqiang, removed=True)
    row = member(village, "wangqiang")
    assert row is not None and row.state == "removed"
    assert db.session.get_one(Group, village.group.id).members == 1
    with transaction():
        assert join_group(village.group.id, wangqiang, accepted_version=1).state == "requested"


def test_the_last_leader_stays(village: Village) -> None:
    lina, wangqiang = (village.cast[name].customer_id for name in ("lina", "wangqiang"))
    with pytest.raises(Conflict, match="last_leader"), transaction():
        leave_group(village.group.id, lina)
    with transaction():
        set_member_role(village.group.id, wangqiang, "leader")
        leave_group(village.group.id, lina)
    assert member(village, "lina") is not None


def test_a_moderator_does_not_remove_the_leader(village: Village, client_of: ClientOf) -> None:
    lina, wangqiang = (village.cast[name].customer_id for name in ("lina", "wangqiang"))
    with transaction():
        set_member_role(village.group.id, wangqiang, "moderator")
    url = f"/groups/{village.group.id}/members/{lina}/remove"
    assert client_of(village.cast["wangqiang"]).post(url, data={"reason": "不服"}).status_code == 403
    assert client_of(village.cast["manager"]).post(url, data={"reason": "长期不在"}).status_code == 302
    row = member(village, "lina")
    assert row is not None and row.state == "removed"


def test_nobody_joins_an_invited_group_by_guessing(village: Village) -> None:
    group = closed_group(village, "invitation")
    with pytest.raises(Forbidden, match="invitation_needed"), transaction():
        join_group(group.id, village.cast["chenjing"].customer_id, accepted_version=0, invitation="guess")


def test_the_index_by_kind_and_mine(village: Village, client: FlaskClient, client_of: ClientOf) -> None:
    closed_group(village, "request")
    assert "烘焙师" in client.get("/groups?kind=knowledge").text
    assert "烘焙师" not in client.get("/groups?kind=product").text
    mine = client_of(village.cast["wangqiang"]).get("/groups?kind=mine").text
    assert "咖啡品鉴交流" in mine and "烘焙师" not in mine
    assert "你还没有加入社群" in client_of(village.cast["chenjing"]).get("/groups?kind=mine").text
