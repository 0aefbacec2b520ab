"""The pages of teaching: who may look, correct, teach and change words; and how many queries they run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.channels.actions import open_conversation, receive_message
from socialcrm.database import db, transaction, utcnow
from socialcrm.desks.learning.comparing import compare
from socialcrm.desks.wording.proposing import with_word
from socialcrm.sentiment.actions import correct_opinion
from socialcrm.sentiment.agreement import COMPLAINT_FROM
from socialcrm.sentiment.learning.actions import checked_word
from socialcrm.sentiment.learning.models import BrandWord, LayerVersion
from socialcrm.sentiment.learning.queries import brand_in_force, corrections_page
from socialcrm.sentiment.queries import opinion_of
from tests.learning.conftest import Shop, shop

__all__ = ["shop"]

Browsers = Callable[[Account], FlaskClient]
PAGES = (
    "/desk/learning",
    "/desk/learning/corrections",
    "/desk/learning/changes",
    "/desk/learning/rescoring",
    "/desk/words",
    "/desk/words/aspects",
    "/desk/words/lists",
    "/desk/words/lists?file=cues.tsv&q=投诉",
)
WORD = {"word": "咬脚", "meaning": "positive", "strength": "3", "reason": "越紧越好"}


@pytest.mark.parametrize("page", PAGES)
def test_staff_look_customers_do_not(
    page: str, cast: dict[str, Account], client_of: Browsers, client: FlaskClient
) -> None:
    assert client.get(page).status_code in (302, 401)
    assert client_of(cast["lina"]).get(page).status_code == 403
    for name in ("agent", "manager", "admin"):
        assert client_of(cast[name]).get(page).status_code == 200


@pytest.mark.parametrize(
    "deed", ["/desk/learning/versions", "/desk/learning/use", "/desk/learning/rescoring"]
)
def test_only_managers_teach(deed: str, cast: dict[str, Account], client_of: Browsers) -> None:
    assert client_of(cast["agent"]).post(deed).status_code == 403
    assert client_of(cast["manager"]).post(deed).status_code == 302
    db.session.expire_all()
    assert (
        db.session.scalar(select(AuditEntry).where(AuditEntry.account_id == cast["manager"].id)) is not None
    )


@pytest.mark.parametrize(
    "deed", ["/desk/words", "/desk/words/1/remove", "/desk/words/aspects", "/desk/words/aspects/1/remove"]
)
def test_only_administrators_change_words(deed: str, cast: dict[str, Account], client_of: Browsers) -> None:
    assert client_of(cast["manager"]).post(deed, data=WORD).status_code == 403
    assert client_of(cast["manager"]).get("/desk/words/ahead", query_string=WORD).status_code == 403


def test_a_word_is_looked_at_before_it_is_saved(shop: Shop, client_of: Browsers) -> None:
    shop.say("这双岩鞋真的很咬脚")
    shop.say("今天去了岩馆")
    shop.drain()
    admin = client_of(shop.cast["admin"])
    ahead = admin.get("/desk/words/ahead", query_string=WORD).text
    assert "3 条里，1 条会变" in ahead and "真的很咬脚" in ahead and "今天去了岩馆" not in ahead
    assert brand_in_force() is None
    assert admin.post("/desk/words", data=WORD).status_code == 302
    post = shop.say("这双也咬脚")
    shop.drain()
    assert shop.opinion(post).polarity == "positive"
    page = admin.get("/desk/words").text
    assert "咬脚" in page and "越紧越好" in page
    word_id = db.session.scalars(select(BrandWord.id)).one()
    assert admin.post(f"/desk/words/{word_id}/remove").status_code == 302
    assert brand_in_force() is None
    deeds = set(db.session.scalars(select(AuditEntry.deed).where(AuditEntry.subject == "brand_word")))
    assert deeds == {"save_word", "remove_word"}


@pytest.mark.parametrize("given", [{"word": ""}, {"word": "软"}, {"word": "长" * 30}, {"meaning": "?"}])
def test_a_word_that_cannot_be_kept_says_why_and_keeps_what_was_typed(
    given: dict[str, str], cast: dict[str, Account], client_of: Browsers
) -> None:
    admin = client_of(cast["admin"])
    for answer in (
        admin.get("/desk/words/ahead", query_string=WORD | given),
        admin.post("/desk/words", data=WORD | given),
    ):
        assert answer.status_code == 422 and "field__error" in answer.text and "越紧越好" in answer.text
    assert brand_in_force() is None


def test_an_aspect_of_ones_own(shop: Shop, client_of: Browsers) -> None:
    admin = client_of(shop.cast["admin"])
    aspect = {"name": "包裹感", "words": "包裹 贴合", "examples": "脚后跟那里空荡荡的\n"}
    shop.say("包裹很满意")
    shop.drain()
    ahead = admin.get("/desk/words/aspects/ahead", query_string=aspect).text
    assert "包裹感" in ahead and "1 条会变" in ahead
    assert admin.post("/desk/words/aspects", data=aspect).status_code == 302
    first, second = shop.say("包裹不好"), shop.say("脚后跟空荡荡，失望")
    shop.drain()
    assert shop.opinion(first).answer["aspects"]["包裹感"]["polarity"] == "negative"
    assert shop.opinion(second).answer["aspects"]["包裹感"]["polarity"] == "negative"
    assert admin.post("/desk/words/aspects", data={"name": "空的"}).status_code == 422
    assert "包裹感" in admin.get("/desk/words/aspects").text


@pytest.mark.slow
def test_learning_by_button_with_its_figures(shop: Shop, client_of: Browsers) -> None:
    shop.teach(60)
    manager = client_of(shop.cast["manager"])
    assert manager.post("/desk/learning/versions").status_code == 302
    waiting = manager.get("/desk/learning").text
    assert "正在从纠正里学习" in waiting and "hx-trigger" in waiting
    shop.drain()
    db.session.expire_all()
    version = db.session.scalars(select(LayerVersion)).one()
    assert version.state == "accepted"
    assert "学完了" in manager.get("/desk/learning", headers={"HX-Request": "true"}).text
    page = manager.get(f"/desk/learning/versions/{version.id}").text
    assert "正面还是负面" in page and str(version.figures["frozen"]["after"]) in page
    changes = manager.get(f"/desk/learning/changes?first=&second={version.id}").text
    assert "条会变" in changes and "岩鞋" in changes
    assert manager.post("/desk/learning/use").status_code == 302 and brand_in_force() is None
    assert manager.post("/desk/learning/use", data={"version_id": version.id}).status_code == 302
    assert brand_in_force() is not None


def test_corrections_are_listed_and_taken_back(shop: Shop, client_of: Browsers) -> None:
    post = shop.say("这双岩鞋真的很咬脚")
    shop.drain()
    shop.correct(post, "positive", reason="紧才好")
    shop.correct(post, "no", what="complaint", who="lead")
    agent, manager = client_of(shop.cast["agent"]), client_of(shop.cast["manager"])
    page = agent.get("/desk/learning/corrections").text
    assert "紧才好" in page and "真的很咬脚" in page and "不是投诉" in page
    by_lead, by_agent = (row.id for row, *_ in corrections_page())
    assert agent.post(f"/desk/learning/corrections/{by_lead}/withdraw").status_code == 403
    assert agent.post(f"/desk/learning/corrections/{by_agent}/withdraw").status_code == 302
    assert manager.post(f"/desk/learning/corrections/{by_lead}/withdraw").status_code == 302
    assert agent.post("/desk/learning/corrections/99/withdraw").status_code == 404
    assert agent.get("/desk/learning/corrections").text.count("已撤回") == 2


@pytest.mark.slow
@pytest.mark.parametrize("who", ["lina", "agent", "lead", "manager", "admin"])
@pytest.mark.parametrize("by", ["agent", "lead"])
def test_every_page_lets_the_same_people_take_a_correction_back(
    shop: Shop, client_of: Browsers, who: str, by: str
) -> None:
    post = shop.say("这双岩鞋真的很咬脚")
    shop.drain()
    shop.correct(post, "positive", who=by)
    shop.correct(post, "no", what="complaint", who=by)
    browser = client_of(shop.cast[who])
    listed, beside_text = (row.id for row, *_ in corrections_page())
    may = who in ("lead", "manager", "admin") or who == by
    offered = [
        "/withdraw" in browser.get(page).text
        for page in ("/desk/learning/corrections", f"/desk/why/post/{post.id}")
    ]
    done = [
        browser.post(deed).status_code in (302, 303)
        for deed in (
            f"/desk/learning/corrections/{listed}/withdraw",
            f"/desk/corrections/withdraw?ids={beside_text}",
        )
    ]
    assert offered == done == [may, may]


def test_the_pages_run_few_queries_however_much_there_is(shop: Shop, client_of: Browsers) -> None:
    shop.teach(40)
    manager = client_of(shop.cast["manager"])
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for page in PAGES:
        db.session.remove()
        statements.clear()
        assert manager.get(page).status_code == 200
        assert len([each for each in statements if each.startswith("SELECT")]) <= 12, (page, statements)


def test_what_is_said_in_chats_stays_at_the_service_desk(shop: Shop, client_of: Browsers) -> None:
    with transaction():
        turn = receive_message(
            open_conversation(shop.cast["lina"].customer_id, "web_chat"), "岩鞋咬脚咬得厉害"
        )
    shop.drain()
    opinion = opinion_of("message", turn.id)
    assert opinion is not None
    with transaction():
        correct_opinion(opinion, shop.cast["agent"], what="polarity", value="positive", reason="紧才好")
    meant = with_word(checked_word("咬脚", "positive", 3)).brand
    for who, sees in (("agent", True), ("lead", True), ("manager", False), ("admin", True)):
        page = client_of(shop.cast[who]).get("/desk/learning/corrections").text
        assert "紧才好" in page and ("咬脚咬得厉害" in page) == sees
        found = compare(shop.cast[who], None, meant, utcnow() - timedelta(days=1))
        assert [change.text.subject for change in found.changes] == (["message"] if sees else [])


def test_a_correction_that_agrees_is_a_confirmation_and_a_late_mark_is_shown(
    shop: Shop, cast: dict[str, Account], client_of: Browsers
) -> None:
    kept = shop.say("味道太差了，再也不买。")
    long = shop.say("今天周二。" * 120 + "包装碎了，太失望了。" + "今天周三。" * 90)
    shop.drain()
    shop.correct(kept, "negative")
    shop.correct(kept, "no", what="complaint")
    start = long.text.index("包装碎了")
    shop.correct(long, "negative", what="aspect", aspect="外壳", span=(start, start + 4))
    page = client_of(cast["agent"]).get("/desk/learning/corrections").text
    assert page.count("确认") == 1 + (shop.opinion(kept).complaint < COMPLAINT_FROM)
    assert '<mark class="mood-negative">包装碎了' in page and "没有提到" in page


def test_an_aspect_that_loses_a_word_shows_the_texts_that_lose_it(
    shop: Shop, cast: dict[str, Account], client_of: Browsers
) -> None:
    shop.say("鞋楦太好了")
    shop.drain()
    admin, old = client_of(cast["admin"]), {"name": "合脚", "words": "鞋楦 脚感", "examples": ""}
    admin.post("/desk/words/aspects", data=old)
    page = admin.get("/desk/words/aspects/ahead", query_string=old | {"words": "脚感"})
    assert "鞋楦太好了" in page.text
