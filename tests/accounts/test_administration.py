"""The administrator's screens: people, invitations, brand, security, consent texts, audit log, failed reactions."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from socialcrm.accounts.models import Account, AuditEntry, StaffInvitation
from socialcrm.colour import contrast, parse_colour
from socialcrm.customers.consent_texts import wordings_in_force
from socialcrm.customers.queries import customer_by_identity
from socialcrm.database import db, transaction, utcnow
from socialcrm.events import EventRow, ReactionRun
from socialcrm.outbox.models import Message
from socialcrm.settings import forget_cache, setting

from ..factories import make_account


@pytest.fixture
def admin(cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]) -> FlaskClient:
    return client_of(cast["admin"])


def deeds() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def test_people_are_searched_filtered_and_paged(admin: FlaskClient, app: Flask) -> None:
    staff = admin.get("/admin/people").text
    assert "客服小周" in staff and "李娜" not in staff
    assert "李娜" in admin.get("/admin/people?role=all&q=LINA").text
    assert "没有符合的人" in admin.get("/admin/people?q=100%25").text
    for number in range(51):
        make_account(f"客服{number:02d}", "agent")
    first = admin.get("/admin/people?role=agent").text
    assert "客服50" in first and "客服小周" not in first
    path = first.split('<a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "客服小周" in admin.get(path).text


def test_a_role_is_changed_and_written_down(admin: FlaskClient, cast: dict[str, Account]) -> None:
    admin.post(f"/admin/people/{cast['agent'].id}", data={"role": "lead", "active": "y"})
    assert db.session.get_one(Account, cast["agent"].id).role == "lead"
    page = admin.get("/admin/audit").text
    assert deeds() == ["role_changed"] and "改角色" in page and "before=agent" in page


def test_switching_off_signs_out_at_once(
    admin: FlaskClient, cast: dict[str, Account], client_of: Callable[[Account], FlaskClient]
) -> None:
    agent = client_of(cast["agent"])
    admin.post(f"/admin/people/{cast['agent'].id}", data={"role": "agent"})
    assert agent.get("/me/security").status_code == 302
    assert deeds() == ["account_deactivated"]


def test_the_last_admin_stays(admin: FlaskClient, cast: dict[str, Account]) -> None:
    for data in ({"role": "agent", "active": "y"}, {"role": "admin"}):
        page = admin.post(f"/admin/people/{cast['admin'].id}", data=data)
        assert page.status_code == 422 and "至少要留一个" in page.text
    make_account("第二位", "admin")
    admin.post(f"/admin/people/{cast['admin'].id}", data={"role": "agent", "active": "y"})
    assert db.session.get_one(Account, cast["admin"].id).role == "agent"


INVITED = {"email": "New@Example.com", "name": "小新", "role": "agent"}


def test_a_colleague_is_invited_by_mail_and_gets_in_once(
    app: Flask, admin: FlaskClient, drain: Callable[[], int]
) -> None:
    admin.post("/admin/people/invite", data=INVITED)
    drain()
    mail = db.session.scalars(select(Message).where(Message.template == "invitation")).one()
    path = mail.body.split("http://127.0.0.1:8000")[1].split()[0]
    colleague = app.test_client()
    assert "小新" in colleague.get(path).text
    assert colleague.post(path, data={"password": "short"}).status_code == 422
    assert colleague.post(path, data={"password": "a good long password"}).location == "/"
    assert colleague.get("/desk/customers").status_code == 200
    known = customer_by_identity("email", "new@example.com")
    assert known is not None and known.display_name == "小新"
    assert app.test_client().get(path).status_code == 422


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "nobody"}, "邮箱写得不对"),
        ({"email": "agent@example.com"}, "已经有账号"),
        ({"role": "customer"}, ""),
        ({"name": ""}, "写上姓名"),
    ],
)
def test_a_bad_invitation_is_refused(admin: FlaskClient, change: dict[str, str], sentence: str) -> None:
    page = admin.post("/admin/people/invite", data=INVITED | change)
    assert page.status_code == 422 and sentence in page.text
    assert db.session.scalar(select(StaffInvitation.id)) is None


def test_an_invitation_is_sent_once_and_can_be_withdrawn(
    app: Flask, admin: FlaskClient, drain: Callable[[], int]
) -> None:
    admin.post("/admin/people/invite", data=INVITED)
    assert "已经邀请过" in admin.post("/admin/people/invite", data=INVITED).text
    drain()
    mail = db.session.scalars(select(Message)).one()
    path = mail.body.split("http://127.0.0.1:8000")[1].split()[0]
    invitation = db.session.scalars(select(StaffInvitation)).one()
    admin.post(f"/admin/invitations/{invitation.id}/withdraw")
    assert app.test_client().get(path).status_code == 422
    assert deeds() == ["staff_invited", "invitation_withdrawn"]


def test_the_brand_is_changed_and_a_pale_colour_corrected(admin: FlaskClient) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (800, 400), (200, 20, 20, 128)).save(picture, "PNG")
    picture.seek(0)
    data = {"name": "山谷咖啡", "slogan": "慢慢喝", "colour": "#ffe14d", "logo": (picture, "logo.png")}
    admin.post("/admin/brand", data=data)
    forget_cache()
    assert (setting("brand.name"), setting("brand.slogan")) == ("山谷咖啡", "慢慢喝")
    white = parse_colour("#ffffff")
    assert contrast(parse_colour(setting("brand.colour")), white) >= 4.5
    page = admin.get("/admin/brand").text
    assert "已经调到刚好看得清" in page and f"/files/{setting('brand.logo')}" in page
    assert admin.get(f"/files/{setting('brand.logo')}").status_code == 200


def test_a_good_colour_is_kept_and_nonsense_refused(admin: FlaskClient) -> None:
    admin.post("/admin/brand", data={"name": "A", "colour": "#7a3b12"})
    forget_cache()
    assert parse_colour(setting("brand.colour")).hex() == "#7a3b12"
    page = admin.post("/admin/brand", data={"name": "B", "colour": "brownish"})
    assert page.status_code == 422 and "颜色写得不对" in page.text
    forget_cache()
    assert setting("brand.name") == "A"


def test_the_second_factor_of_staff_is_switched(admin: FlaskClient) -> None:
    admin.post("/admin/security", data={"staff_second_factor": "y"})
    forget_cache()
    assert setting("security.staff_second_factor") is True
    assert admin.get("/admin").location == "/me/security/second-factor?next=/admin?"


def test_a_consent_text_gets_a_new_version_that_new_consents_carry(
    admin: FlaskClient, client: FlaskClient
) -> None:
    admin.post("/admin/consent-texts/research", data={"zh": "新的文字", "en": "New words"})
    assert (wordings_in_force("zh")["research"].version, wordings_in_force("en")["research"].text) == (
        2,
        "New words",
    )
    assert "新的文字" in client.get("/sign-up").text
    assert admin.post("/admin/consent-texts/research", data={"zh": " ", "en": "x"}).status_code == 422
    assert admin.get("/admin/consent-texts/nothing").status_code == 404


def test_a_failed_reaction_is_seen_and_tried_again(admin: FlaskClient) -> None:
    now = utcnow()
    with transaction():
        row = EventRow(name="CustomerChanged", payload={"customer_id": 1}, at=now)
        db.session.add(row)
        db.session.flush()
        run = ReactionRun(
            event_id=row.id,
            reaction="CustomerChanged:x",
            state="failed",
            attempts=8,
            due_at=now,
            error="boom",
        )
        db.session.add(run)
    assert "boom" in admin.get("/admin/reactions").text
    admin.post(f"/admin/reactions/{run.id}/retry")
    assert db.session.get_one(ReactionRun, run.id, populate_existing=True).state == "pending"
    assert "没有失败的反应" in admin.get("/admin/reactions").text and deeds() == ["reaction_retried"]
