"""One's own consents, who looked, the copy of everything, erasure."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from socialcrm.accounts.actions import set_password
from socialcrm.accounts.models import Account, SignInSession
from socialcrm.accounts.passwords import hash_password
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.groups.models import Group, Membership
from socialcrm.community.topics.actions import open_topic
from socialcrm.community.topics.models import Post
from socialcrm.customers.actions import put_tag, record_moods, record_profile_access
from socialcrm.customers.models import Consent, Customer, Identity
from socialcrm.customers.queries import consents_of, has_consent, tags_of
from socialcrm.database import db, transaction, utcnow
from socialcrm.loyalty.actions import earn_points
from socialcrm.loyalty.queries import balance, books_balance

PASSWORD = "coffee and rain"


@pytest.fixture
def lina(cast: dict[str, Account]) -> Account:
    encoded = hash_password(PASSWORD)
    with transaction():
        set_password(cast["lina"], encoded)
        group = create_group("咖啡品鉴交流", kind="product", leader_id=cast["manager"].customer_id)
        join_group(group.id, cast["lina"].customer_id, accepted_version=group.rules_version)
        open_topic(
            cast["lina"].customer_id, group.id, "我的豆子", "只有我知道的秘密配方", acting=cast["lina"].id
        )
        earn_points(cast["lina"].customer_id, 30, reason="order", source="order:1")
        put_tag(cast["lina"].customer_id, "repeat_buyer", orders=2)
    return cast["lina"]


def test_each_purpose_is_given_and_withdrawn_with_its_version(
    lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    client = client_of(lina)
    client.post("/me/consents/research", data={"granted": "1"})
    assert has_consent(lina.customer_id, "research")
    newest = db.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert newest is not None and (newest.source, newest.text_version) == ("profile", 1)
    client.post("/me/consents/research", data={"granted": "0"})
    assert not has_consent(lina.customer_id, "research")
    page = client.get("/me/consents").text
    assert "文本第 1 版" in page and "提供服务所必需" in page
    for unknown in ("service", "no_such_purpose"):
        assert client.post(f"/me/consents/{unknown}", data={"granted": "0"}).status_code == 404


def test_withdrawing_profiling_deletes_what_was_computed(
    lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    with transaction():
        record_moods([(lina.customer_id, 0.9, utcnow())])
    client_of(lina).post("/me/consents/profiling", data={"granted": "0"})
    assert tags_of(lina.customer_id) == []
    assert db.session.get_one(Customer, lina.customer_id).mood is None


def test_the_customer_reads_who_looked(
    cast: dict[str, Account], lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    with transaction():
        record_profile_access(lina.customer_id, cast["agent"].id, "case")
    page = client_of(lina).get("/me/data").text
    assert "客服小周" in page and "处理工单" in page
    assert "客服小周" not in client_of(cast["wangqiang"]).get("/me/data").text


def test_the_copy_holds_ones_own_data_and_no_secret(
    cast: dict[str, Account], lina: Account, client_of: Callable[[Account], FlaskClient]
) -> None:
    answer = client_of(lina).get("/me/data/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert json.loads(held["customers.json"])[0]["display_name"] == "李娜"
    assert "只有我知道的秘密配方" in held["posts.json"] and "lina@example.com" in held["identities.json"]
    everything = "".join(held.values())
    assert "argon2" not in everything and "key_hash" not in everything and "陈静" not in everything


def test_erasure_asks_for_the_password(lina: Account, client_of: Callable[[Account], FlaskClient]) -> None:
    page = client_of(lina).post("/me/data/erase", data={"current": "wrong"})
    assert page.status_code == 422 and "现在的密码不对" in page.text
    assert db.session.get_one(Account, lina.id).active


def test_erasure_forgets_the_person_and_keeps_the_sums(
    lina: Account, client_of: Callable[[Account], FlaskClient], drain: Callable[[], int]
) -> None:
    client, customer_id = client_of(lina), lina.customer_id
    drain()
    assert "账号已注销" in client.post("/me/data/erase", data={"current": PASSWORD}).text
    drain()
    customer = db.session.get_one(Customer, customer_id)
    assert customer.display_name == "—" and tags_of(customer_id) == []
    assert db.session.scalars(select(Identity).where(Identity.customer_id == customer_id)).all() == []
    account = db.session.get_one(Account, lina.id)
    assert (account.email, account.password, account.active) == (None, None, False)
    assert "秘密配方" not in db.session.scalars(select(Post.text)).one()
    assert db.session.scalars(
        select(Membership.state).where(Membership.customer_id == customer_id)
    ).all() == ["left"]
    assert db.session.scalars(select(Group.members)).one() == 1
    assert balance(customer_id) == 30 and books_balance()
    assert not any(consents_of(customer_id).values())
    assert db.session.scalars(select(SignInSession).where(SignInSession.account_id == lina.id)).all() == []
    assert client.get("/me/data").status_code == 302
    assert client.get(f"/people/{customer_id}").status_code == 404


def test_staff_are_not_erased_by_themselves(
    cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    encoded = hash_password(PASSWORD)
    with transaction():
        set_password(cast["agent"], encoded)
    page = client_of(cast["agent"]).post("/me/data/erase", data={"current": PASSWORD})
    assert page.status_code == 422 and "由管理员停用" in page.text
