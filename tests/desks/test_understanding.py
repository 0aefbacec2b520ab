"""The "why" view and the playground: who may see them, what they show, and that nothing of a text becomes markup."""

from __future__ import annotations

import csv
import html
import io
import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.channels.actions import open_conversation, receive_message, send_message
from socialcrm.customers.models import ProfileAccess
from socialcrm.database import db, transaction
from socialcrm.desks.understanding.batches import decoded, texts_of
from socialcrm.desks.understanding.showing import lines_of, marked_words
from socialcrm.errors import Invalid
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.explanation import explain
from socialcrm.sentiment.learning.actions import checked_word, save_word
from socialcrm.sentiment.models import OpinionRow
from tests.community.conftest import Village, count_queries, village

__all__ = ["count_queries", "village"]

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]
Drain = Callable[[], int]
STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
ODD = '<script>alert(1)</script> 太失望了 & "坏" 😀👨‍👩‍👧 𠮷野家 <b>差评</b>'


def post_of(village: Village, text: str = STORY) -> int:
    topic = village.topic("水温", text)
    assert topic.first_post_id
    return topic.first_post_id


def message_of(account: Account, text: str = STORY) -> int:
    with transaction():
        conversation = open_conversation(account.customer_id, "web_chat")
        return receive_message(conversation, text).id


def words_in(page: str) -> str:
    """The page's words as they are read, markup left out."""
    said: list[str] = []
    parser = HTMLParser()
    parser.handle_data = said.append  # type: ignore[method-assign]
    parser.feed(page)
    return "".join(said)


def tags_in(page: str) -> set[str]:
    tags: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.add(tag)  # type: ignore[method-assign]
    parser.feed(page)
    return tags


def test_staff_see_why_and_customers_do_not(
    village: Village, client_of: ClientOf, client: FlaskClient
) -> None:
    post = post_of(village)
    for who, status in (("agent", 200), ("lead", 200), ("manager", 200), ("admin", 200), ("lina", 403)):
        assert client_of(village.cast[who]).get(f"/desk/why/post/{post}").status_code == status
    assert client.get(f"/desk/why/post/{post}").status_code == 302
    agent = client_of(village.cast["agent"])
    assert agent.get("/desk/why/post/99999").status_code == 404
    assert agent.get(f"/desk/why/order/{post}").status_code == 404


def test_a_chat_is_the_service_desks(village: Village, client_of: ClientOf) -> None:
    message = message_of(village.cast["lina"])
    for who, status in (("agent", 200), ("admin", 200), ("manager", 404), ("lina", 403)):
        assert client_of(village.cast[who]).get(f"/desk/why/message/{message}").status_code == status
    looks = db.session.scalars(select(ProfileAccess.reason)).all()
    assert looks == ["conversation", "conversation"]


def test_a_customers_page_leads_to_what_one_may_open(
    village: Village, client_of: ClientOf, drain: Drain
) -> None:
    post, message = post_of(village), message_of(village.cast["lina"])
    drain()
    for who, chats in (("agent", True), ("manager", False)):
        page = client_of(village.cast[who]).get(f"/desk/customers/{village.cast['lina'].customer_id}").text
        assert page.count(f'href="/desk/why/post/{post}"') == 2
        assert page.count(f'href="/desk/why/message/{message}"') == 2 * chats


def test_what_the_desk_said_has_no_reasons(village: Village, client_of: ClientOf) -> None:
    with transaction():
        conversation = open_conversation(village.cast["lina"].customer_id, "web_chat")
        own = send_message(conversation, "马上为你查。", acting=village.cast["agent"]).id
    assert client_of(village.cast["agent"]).get(f"/desk/why/message/{own}").status_code == 404


def test_it_goes_clause_by_clause_and_adds_up(village: Village, client_of: ClientOf, drain: Drain) -> None:
    post = post_of(village, "虽然有点贵，但是味道真的不错")
    drain()
    page = words_in(client_of(village.cast["agent"]).get(f"/desk/why/post/{post}").text)
    for part in (
        "「虽然」让步",
        "「但是」转折",
        "「真的」加强了后面的词",
        "模型：各句合计",
        "口味",
        "判断时间",
    ):
        assert part in page, part
    assert "拿不准 38%–62%" in page


def test_the_drawer_gets_the_piece_alone(village: Village, client_of: ClientOf) -> None:
    post = post_of(village)
    piece = (
        client_of(village.cast["agent"]).get(f"/desk/why/post/{post}", headers={"HX-Request": "true"}).text
    )
    assert "<html" not in piece and "data-why" in piece


def test_a_text_never_becomes_markup(village: Village, client_of: ClientOf) -> None:
    post = post_of(village, ODD)
    agent = client_of(village.cast["agent"])
    piece = agent.get(f"/desk/why/post/{post}", headers={"HX-Request": "true"}).text
    answer = agent.post("/desk/playground", data={"text": ODD}, headers={"HX-Request": "true"}).text
    for page in (piece, answer):
        assert "<script" not in page and "b" not in tags_in(page)
        assert "<script>alert(1)</script>" in words_in(page) and "𠮷野家" in words_in(page)


def test_marks_join_to_the_text() -> None:
    for text in (STORY, ODD, "", "差", "㎏①" * 30, STORY * 60):
        reasons = explain(text, "post")
        assert "".join(piece.text for piece in marked_words(text, reasons.opinion)) == text
        for line in lines_of(text, reasons):
            said = "".join(piece.text for piece in line.pieces)
            assert said == text[line.reason.start : line.reason.end]
    assert len(lines_of(STORY * 60, explain(STORY * 60))) == 40


def test_the_number_of_queries_does_not_grow(village: Village, client_of: ClientOf, count_queries) -> None:
    agent = client_of(village.cast["agent"])
    counted = []
    for post in (post_of(village), post_of(village, STORY * 50)):
        agent.get(f"/desk/why/post/{post}")
        with count_queries() as statements:
            assert agent.get(f"/desk/why/post/{post}").status_code == 200
        counted.append(len([s for s in statements if not s.startswith(("BEGIN", "PRAGMA"))]))
    assert counted[0] == counted[1] <= 12


def test_the_playground_is_for_staff_and_answers(
    cast: Cast, client_of: ClientOf, client: FlaskClient
) -> None:
    assert client.get("/desk/playground").status_code == 302
    assert client_of(cast["lina"]).get("/desk/playground").status_code == 403
    assert client_of(cast["lina"]).post("/desk/playground", data={"text": "好"}).status_code == 403
    manager = client_of(cast["manager"])
    assert "一句一句看" in manager.get("/desk/playground?example=1").text
    assert manager.get("/desk/playground?example=99").status_code == 200
    answer = manager.post("/desk/playground", data={"text": STORY, "channel": "chat"})
    assert "客服一直不理人" in answer.text and "当作哪种文字" in answer.text
    assert "还没有文字" in manager.post("/desk/playground", data={"text": " "}).text


def test_several_lines_are_several_texts(cast: Cast, client_of: ClientOf) -> None:
    text = "味道很好\n太失望了\n\n" + "\n".join(["还行"] * 60)
    page = client_of(cast["agent"]).post("/desk/playground", data={"text": text, "lines": "each"}).text
    assert "太失望了" in page and "还有 12 行没有列出" in page and "analyse-batch" in page


def test_the_api_line_is_safe_in_a_shell(cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    page = agent.post(
        "/desk/playground", data={"text": 'it\'s "坏" $HOME `ls`'}, headers={"HX-Request": "true"}
    )
    line = html.unescape(page.text.split("<code>")[1].split("</code>")[0])
    told = shlex.split(line.replace("\\\n", " "))
    assert json.loads(told[-1]) == {"text": 'it\'s "坏" $HOME `ls`', "channel": None}
    assert told[told.index("-X") + 2].endswith("/api/v1/sentiment/analyse")


def test_what_is_too_long_is_kept_and_said(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast["agent"]).post("/desk/playground", data={"text": "好" * 20_001})
    assert answer.status_code == 422 and "好" * 20_001 in answer.text and "最多 20000 个字" in answer.text


def test_the_playground_keeps_nothing(cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    agent.post("/desk/playground", data={"text": STORY})
    agent.post("/desk/playground/batch", data={"texts": STORY})
    assert db.session.scalar(select(func.count(OpinionRow.id))) == 0
    assert db.session.scalar(select(func.count(AuditEntry.id))) == 0


@pytest.mark.parametrize("form", ["tsv", "jsonl"])
def test_a_batch_comes_back_as_a_file(cast: Cast, client_of: ClientOf, form: str) -> None:
    texts = [STORY, "味道很好\t喜欢", "=1+1", "<b>坏</b>😀"]
    content = "\n".join(json.dumps({"text": text}) for text in texts)
    answer = client_of(cast["agent"]).post(
        "/desk/playground/batch", data={"texts": content, "form": form, "channel": "post"}
    )
    assert answer.status_code == 200 and f"opinions.{form}" in answer.headers["Content-Disposition"]
    if form == "jsonl":
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert [row["text"] for row in rows] == texts
        assert {k: v for k, v in rows[0].items() if k != "text"} == analyse(STORY, "post").to_json()
    else:
        assert answer.text.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter="\t"))
        assert [row["polarity"] for row in rows] == [analyse(text, "post").polarity for text in texts]
        assert rows[0]["aspects"].startswith("配送:negative") and rows[1]["text"] == "味道很好 喜欢"


def test_a_batch_reads_files_of_several_kinds() -> None:
    assert texts_of("好\n\n坏\r\n") == ["好", "坏"]
    assert texts_of("\ufeffid\ttext\n1\t好\n2\t坏\n3\n") == ["好", "坏"]
    assert texts_of("text\n好") == ["好"] and texts_of("text") == ["text"]
    assert texts_of('{"text": "好", "id": 1}\n{"text": "\\ud83d"}') == ["好", "?"]
    assert decoded("太失望了".encode("gb18030")) == decoded("太失望了".encode("utf-8-sig")) == "太失望了"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "no_texts"),
        (" \n ", "no_texts"),
        ("好\n" * 5001, "too_many_texts"),
        ("好" * 20_001, "text_too_long"),
        ('{"text": "好"}\n{', "line_unreadable"),
        ('{"texts": "好"}', "line_unreadable"),
        ('{"text": 3}', "line_unreadable"),
    ],
)
def test_a_batch_that_cannot_be_read_is_kept(
    cast: Cast, client_of: ClientOf, content: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        texts_of(content)
    answer = client_of(cast["agent"]).post("/desk/playground/batch", data={"texts": content, "form": "jsonl"})
    assert answer.status_code == 422 and html.escape(content, quote=False)[:500] in answer.text.replace(
        "&#34;", '"'
    )
    assert "field__error" in answer.text


def test_a_file_that_is_no_text_is_refused(cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    for content, status in ((b"\xff\xfe\x00\x81", 422), ("好\n坏".encode(), 200)):
        file = (io.BytesIO(content), "texts.txt")
        assert agent.post("/desk/playground/batch", data={"file": file}).status_code == status


def test_forms_need_their_token(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    agent = client_of(cast["agent"])
    app.config["WTF_CSRF_ENABLED"] = True
    for path in ("/desk/playground", "/desk/playground/batch"):
        assert agent.post(path, data={"text": "好", "texts": "好"}).status_code == 400


def test_an_opinion_kept_from_another_version_says_so(
    village: Village, client_of: ClientOf, drain: Callable[[], int]
) -> None:
    topic = village.topic("水温", STORY)
    drain()
    with transaction():
        save_word(village.cast["admin"], checked_word("水温", "neutral", 0))
    page = client_of(village.cast["agent"]).get(f"/desk/why/post/{topic.first_post_id}")
    assert page.status_code == 200 and "保存的结果出自" in page.text


def test_a_face_is_marked_whole() -> None:
    text = "拍照很出片，绝了[doge]，真[微笑]"
    opinion = replace(
        analyse(text, "post"), words=[(9, 10, 0.3), (8, 9, -0.1), (11, 13, 0.8), (15, 17, -0.5)]
    )
    pieces = marked_words(text, opinion)
    assert "".join(piece.text for piece in pieces) == text
    marked = {piece.text: round(piece.weight, 3) for piece in pieces if piece.weight is not None}
    assert marked == {"[doge]": 1.0, "真[微笑]": -0.5}
