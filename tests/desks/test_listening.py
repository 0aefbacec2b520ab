"""The listening desk: who may look, what figures open to, spikes told once, and products heard by their words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.channels.actions import open_conversation, receive_message
from socialcrm.community.moderation.actions import hide_post
from socialcrm.community.topics.actions import edit_post
from socialcrm.database import db, happening_at, transaction, utcnow
from socialcrm.days import today
from socialcrm.desks.data.actions import erase_customer
from socialcrm.desks.listening.counting import rebuild
from socialcrm.events import EventRow
from socialcrm.outbox.models import Message as Notice
from socialcrm.sentiment.actions import Text, record_opinions
from socialcrm.sentiment.engine import AspectOpinion, Opinion
from socialcrm.sentiment.trends.deriving import derive_day, kept_day
from socialcrm.sentiment.trends.jobs import check_trends, drifted_cells, look_for_spikes
from socialcrm.sentiment.trends.models import Spike, TermWeek, TextTerm, TrendDay
from socialcrm.sentiment.trends.queries import Scope, Wanted, figures_of, texts_page
from socialcrm.sentiment.trends.spikes import find_spikes
from socialcrm.shop.actions import keep_product
from tests.community.conftest import Village, count_queries, village

__all__ = ["count_queries", "village"]

SLOW = "快递太慢了，等了一周还没到，很失望"
GOOD = "包装很精致，喜欢"
PAGES = (
    "/desk/listening",
    "/desk/listening?days=90&channel=post",
    "/desk/listening/aspect?aspect=配送",
    "/desk/listening/texts?polarity=negative",
    "/desk/listening/texts?aspect=配送&polarity=negative",
    "/desk/listening/words",
    "/desk/listening/spikes",
    "/desk/listening/figures.csv",
)


def negatives(**scope: object) -> int:
    found = figures_of(Scope(**scope), *[_span()], aspect="")  # type: ignore[arg-type]
    return sum(row.negative for row in found)


def _span():  # type: ignore[no-untyped-def]
    from socialcrm.sentiment.trends.days import Range

    return Range.ending(today(), 7)


def opinion(polarity: str = "negative", aspect: str = "配送") -> Opinion:
    return Opinion(
        polarity, 0.1, {aspect: AspectOpinion(polarity, 0.1, [(0, 2)])}, "", 0, 0.0, [(0, 2, -1.0)], "t"
    )


def plant(group_id: int, days: int = 56, usual: int = 2, burst: int = 14) -> None:
    """Weeks of `usual` negatives about 配送 a day, and `burst` of them today."""
    number = 10_000
    scored = []
    for back in range(days, -1, -1):
        for _ in range(usual if back else burst):
            number += 1
            at = utcnow() - timedelta(days=back, seconds=number % 50)
            scored.append((Text("post", number, SLOW, None, "group", group_id, "post", at), opinion()))
    with transaction():
        record_opinions(scored)


@pytest.fixture
def talk(village: Village, drain: Callable[[], int]) -> Village:
    """A topic with two complaints and a word of praise, and a chat that complains."""
    topic = village.topic("手摇磨 K1 怎么样", SLOW)
    village.reply(topic, GOOD)
    village.reply(topic, "客服态度太差了，非常失望")
    with transaction():
        chat = open_conversation(village.cast["chenjing"].customer_id)
        receive_message(chat, "在线客服里说：快递破损，太差了")
    drain()
    return village


def test_only_staff_look(
    talk: Village, client_of: Callable[[Account], FlaskClient], client: FlaskClient
) -> None:
    for page in PAGES:
        assert client.get(page).status_code in (302, 401), page
        assert client_of(talk.cast["lina"]).get(page).status_code == 403, page
        for role in ("agent", "lead", "manager", "admin"):
            assert client_of(talk.cast[role]).get(page).status_code == 200, (role, page)


def test_a_figure_opens_to_its_texts(talk: Village, client_of: Callable[[Account], FlaskClient]) -> None:
    assert negatives() == 3
    assert negatives(group_id=talk.group.id) == 2
    page = client_of(talk.cast["agent"]).get("/desk/listening/texts?polarity=negative").text
    assert page.count('class="heard"') == 3 and "精致" not in page
    assert "/desk/inbox/" in page and "/posts/" in page
    assert "/desk/why/post/" in page and "<mark" in page
    assert "陈静" not in page, "the list names nobody"


def test_a_manager_reads_posts_and_counts_chats(
    talk: Village, client_of: Callable[[Account], FlaskClient]
) -> None:
    manager = client_of(talk.cast["manager"])
    page = manager.get("/desk/listening/texts?polarity=negative").text
    assert page.count('class="heard"') == 2 and "/desk/inbox/" not in page
    assert "只计数" in page


def test_hiding_editing_and_erasing_change_the_counts(talk: Village, drain: Callable[[], int]) -> None:
    from socialcrm.community.topics.models import Post

    complaint = db.session.scalar(select(Post).where(Post.text.like("客服态度%")))
    first = db.session.scalar(select(Post).where(Post.text == SLOW))
    assert complaint is not None and first is not None
    with transaction():
        hide_post(complaint.id, talk.cast["manager"].id, reason="跑题")
    drain()
    assert negatives(group_id=talk.group.id) == 1
    with transaction():
        edit_post(
            first.id,
            "味道很好，推荐",
            editor_id=talk.cast["lina"].customer_id,
            acting=talk.cast["lina"].id,
            version=first.version,
        )
    drain()
    assert negatives(group_id=talk.group.id) == 0
    with transaction():
        erase_customer(db.session.get_one(Account, talk.cast["chenjing"].id))
    drain()
    assert negatives() == 0
    assert kept_day(today()) == derive_day(today())
    assert db.session.scalar(select(func.count()).select_from(TextTerm).where(TextTerm.term == "破损")) == 0


@pytest.mark.slow
def test_the_rebuild_gives_what_the_reactions_gave(talk: Village) -> None:
    def everything() -> tuple[set, set]:
        days = {tuple(row) for row in db.session.execute(select(*TrendDay.__table__.columns)) if any(row[5:])}
        terms = {tuple(row) for row in db.session.execute(select(*TermWeek.__table__.columns)) if row.texts}
        return days, terms

    before = everything()
    assert sum(rebuild()) == 4
    assert everything() == before
    assert drifted_cells() == 0
    assert check_trends() == 0


def test_a_spike_is_told_once(
    talk: Village, drain: Callable[[], int], client_of: Callable[[Account], FlaskClient]
) -> None:
    plant(talk.group.id)
    drain()
    look_for_spikes()
    look_for_spikes()
    drain()
    spike = db.session.scalars(select(Spike)).one()
    assert (spike.aspect, spike.first_day, spike.method) == ("配送", today(), "seasonal")
    assert spike.negatives >= 14 and 1 < spike.usual < 4
    told = list(db.session.scalars(select(Notice).where(Notice.template == "spike_found")))
    assert {notice.customer_id for notice in told} == {
        talk.cast["manager"].customer_id,
        talk.cast["admin"].customer_id,
    }
    assert len(told) == 2
    manager = client_of(talk.cast["manager"])
    assert "配送的负面是平时的" in manager.get("/manage").text
    assert "配送的负面是平时的" in manager.get("/messages").text
    page = manager.get(f"/desk/listening/spikes/{spike.id}").text
    assert "和过去八周同一个星期几比" in page and SLOW[:4] in page


def test_a_spike_is_closed_with_a_note(
    talk: Village, drain: Callable[[], int], client_of: Callable[[Account], FlaskClient]
) -> None:
    plant(talk.group.id)
    drain()
    look_for_spikes()
    spike = db.session.scalars(select(Spike)).one()
    url = f"/desk/listening/spikes/{spike.id}/acknowledge"
    assert client_of(talk.cast["agent"]).post(url, data={"note": "知道了"}).status_code == 403
    manager = client_of(talk.cast["manager"])
    refused = manager.post(url, data={"note": " "})
    assert refused.status_code == 422 and "写一句是怎么回事" in refused.text
    assert manager.post(url, data={"note": "华东仓停运"}).status_code == 302
    db.session.expire_all()
    assert spike.note == "华东仓停运" and spike.acknowledged_by_id == talk.cast["manager"].id
    assert db.session.scalar(select(AuditEntry).where(AuditEntry.deed == "acknowledge_spike")) is not None
    assert "口碑异常" not in manager.get("/manage").text
    assert "华东仓停运" in manager.get("/desk/listening/spikes").text
    assert manager.get("/desk/listening/spikes/999").status_code == 404


def test_days_side_by_side_are_one_spike(talk: Village, drain: Callable[[], int]) -> None:
    plant(talk.group.id)
    tomorrow = utcnow() + timedelta(days=1)
    plant_more(talk.group.id, tomorrow)
    drain()
    with transaction():
        find_spikes(today())
    with happening_at(tomorrow), transaction():
        find_spikes(today())
    spike = db.session.scalars(select(Spike).where(Spike.aspect == "配送")).one()
    assert (spike.last_day - spike.first_day).days == 1


def plant_more(group_id: int, at: datetime) -> None:
    with transaction():
        record_opinions(
            [
                (Text("post", 90_000 + n, SLOW, None, "group", group_id, "post", at), opinion())
                for n in range(20)
            ]
        )


def test_a_product_is_heard_by_its_words(
    talk: Village, drain: Callable[[], int], client_of: Callable[[Account], FlaskClient]
) -> None:
    with transaction():
        grinder = keep_product("k1", "手摇磨 K1", 32800, "CNY").id
        beans = keep_product("m", "码头 · 意式拼配 454 克", 8800, "CNY").id
    list(rebuild())
    assert negatives(product_id=grinder) == 2, "by the title of their topic"
    manager = client_of(talk.cast["manager"])
    refused = manager.post(f"/desk/listening/products/{beans}/words", data={"words": "豆"})
    assert refused.status_code == 422 and "2 到 40" in refused.text
    assert (
        manager.post(f"/desk/listening/products/{beans}/words", data={"words": "快递、豆子"}).status_code
        == 302
    )
    drain()
    assert negatives(product_id=beans) == 2
    assert negatives(product_id=grinder) == 1
    url = f"/desk/listening/groups/{talk.group.id}/product"
    assert client_of(talk.cast["agent"]).post(url, data={"product": beans}).status_code == 403
    assert manager.post(url, data={"product": beans}).status_code == 302
    page = manager.get(f"/desk/listening/texts?product={beans}&polarity=negative").text
    assert SLOW[:2] in page


def test_refused_words_of_a_later_page_stay_where_they_were_typed(
    talk: Village, client_of: Callable[[Account], FlaskClient]
) -> None:
    with transaction():
        numbers = [keep_product(f"p{n:02}", f"商品 {n:02}", 100, "CNY").id for n in range(51)]
    manager = client_of(talk.cast["manager"])
    page = f"/desk/listening/products?after={numbers[49]}"
    where = f"/desk/listening/products/{numbers[50]}/words?after={numbers[49]}"
    assert where in manager.get(page).text
    for words in ("豆", "很长的叫法" * 100):
        refused = manager.post(where, data={"words": words})
        assert refused.status_code == 422 and f'value="{words}"' in refused.text
    assert manager.post(where, data={"words": "豆子"}).location == page


def test_a_later_change_of_words_overtakes_the_round_before_it(
    talk: Village, client_of: Callable[[Account], FlaskClient], drain: Callable[[], int]
) -> None:
    with transaction():
        beans = keep_product("m", "码头 · 意式拼配 454 克", 8800, "CNY").id
    manager = client_of(talk.cast["manager"])
    for words in ("豆子", "快递", "快递、豆子"):
        manager.post(f"/desk/listening/products/{beans}/words", data={"words": words})
    drain()
    assert negatives(product_id=beans) == 2
    rounds = db.session.scalars(select(EventRow).where(EventRow.name == "HearingChanged")).all()
    assert len(rounds) == 4, "three changes, and one piece after the first of the last round"


def test_a_phrase_opens_to_its_texts(talk: Village, client_of: Callable[[Account], FlaskClient]) -> None:
    first = today() - timedelta(days=6)
    url = f"/desk/listening/texts?term=快递&since={first}&until={today()}"
    page = client_of(talk.cast["agent"]).get(url).text
    assert page.count('class="heard"') == 2
    assert "/desk/why/post/" in page and "/desk/why/message/" in page


def test_the_figures_go_out_as_csv(talk: Village, client_of: Callable[[Account], FlaskClient]) -> None:
    answer = client_of(talk.cast["manager"]).get("/desk/listening/figures.csv?days=7")
    lines = answer.text.splitlines()
    assert lines[0].startswith("\ufeff日期,方面,负面")
    whole = next(line.split(",") for line in lines if line.startswith(f"{today()},整体"))
    assert whole[2] == "3"


def test_unreadable_addresses_show_something(
    talk: Village, client_of: Callable[[Account], FlaskClient]
) -> None:
    agent = client_of(talk.cast["agent"])
    for query in (
        "days=1000",
        "since=x&until=9",
        "group=-4",
        "cursor=%%%",
        "channel=fax",
        "polarity=sad",
        "week=0",
    ):
        for page in ("", "/texts", "/words", "/aspect"):
            assert agent.get(f"/desk/listening{page}?{query}").status_code == 200


def test_the_list_pages_by_key(talk: Village) -> None:
    plant(talk.group.id, days=1, usual=30, burst=30)
    since, until = utcnow() - timedelta(days=3), utcnow() + timedelta(days=1)
    for wanted in (
        Wanted(since, until),
        Wanted(since, until, polarity="negative"),
        Wanted(since, until, polarity="negative", aspect="配送"),
        Wanted(since, until, group_id=talk.group.id, aspect="配送"),
    ):
        seen: list[int] = []
        before = None
        while page := texts_page(wanted, chats=True, before=before, limit=7):
            seen += [row.id for row in page]
            before = (page[-1].at, page[-1].id)
        whole = texts_page(wanted, chats=True, limit=500)
        assert seen == [row.id for row in whole]
        assert len(seen) >= 60


def test_a_page_runs_few_queries(
    talk: Village,
    drain: Callable[[], int],
    client_of: Callable[[Account], FlaskClient],
    count_queries: Callable[[], object],
) -> None:
    plant(talk.group.id)
    drain()
    look_for_spikes()
    spike = f"/desk/listening/spikes/{db.session.scalar(select(Spike.id))}"
    manager = client_of(talk.cast["manager"])
    many = {}
    for url in (*PAGES, spike, "/desk/listening/products", "/manage"):
        db.session.remove()
        manager.get(url)
        with count_queries() as statements:  # type: ignore[attr-defined]
            assert manager.get(url).status_code == 200, url
        asked = [s for s in statements if not s.startswith(("BEGIN", "PRAGMA")) and "FROM settings" not in s]
        many |= {url: asked} if len(asked) > 12 else {}
    assert many == {}
