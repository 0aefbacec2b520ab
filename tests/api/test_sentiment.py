"""The engine through the API: one text, many, what is kept of a post, and corrections."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.database import db, transaction, utcnow
from socialcrm.sentiment.actions import Text, record_opinions, score
from socialcrm.sentiment.engine import analyse
from socialcrm.sentiment.models import Correction

from .conftest import Program

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
ABOUT = {"subject": "post", "subject_id": 5}


@pytest.fixture
def read(app: Flask) -> None:
    scored = score([Text("post", 5, STORY, None, "group", 1, "post", utcnow())])
    with transaction():
        record_opinions(scored)


def test_the_answers_are_the_command_lines(program: Program) -> None:
    texts = [STORY, "", "😀<b>太失望了</b>\n&", "差"]
    for channel in ("chat", None):
        body = {"texts": texts, "channel": channel}
        expected = [analyse(text, channel).to_json() for text in texts]  # type: ignore[arg-type]
        assert program.ok("POST", "/sentiment/analyse-batch", body)["items"] == expected
        single = program.ok("POST", "/sentiment/analyse", {"text": STORY, "channel": channel})
        assert single == expected[0]
    assert program.ok("POST", "/sentiment/analyse-batch", {"texts": []}) == {"items": []}


def test_a_batch_has_its_bounds(program: Program) -> None:
    for body in (
        {"texts": ["好"] * 1001},
        {"texts": ["好" * 20_001]},
        {"texts": "好"},
        {"texts": [3]},
        {"texts": ["好"], "channel": "letter"},
        {},
    ):
        assert program.post("/sentiment/analyse-batch", body).status_code == 422


def test_what_is_kept_of_a_post_is_told_with_its_corrections(read: None, program: Program) -> None:
    start = STORY.index("挺好看")
    correction = {**ABOUT, "what": "aspect", "aspect": "包装", "value": "neutral", "span": [start, start + 3]}
    kept = program.ok("POST", "/sentiment/corrections", correction | {"reason": "只是提了一句"})
    shown = program.ok("GET", "/sentiment/opinion?subject=post&subject_id=5")
    assert shown["polarity"] == "negative" and shown["corrections"] == [kept]
    assert (kept["value"], kept["span"], kept["reason"]) == ("neutral", [start, start + 3], "只是提了一句")
    program.ok("POST", f"/sentiment/corrections/{kept['id']}/withdraw")
    program.ok("POST", f"/sentiment/corrections/{kept['id']}/withdraw")
    assert program.ok("GET", "/sentiment/opinion?subject=post&subject_id=5")["corrections"] == []
    deeds = [entry.deed for entry in db.session.query(AuditEntry)]
    assert deeds.count("correct_opinion") == deeds.count("withdraw_correction") == 1


def test_corrections_are_checked(read: None, program: Program) -> None:
    for wrong, code in (
        ({"what": "polarity", "value": "absent"}, "correction_invalid"),
        ({"what": "aspect", "value": "negative"}, "aspect_missing"),
        ({"what": "polarity", "value": "positive", "span": [3]}, "span_invalid"),
        ({"what": "polarity", "value": "positive", "span": [3, 3]}, "span_invalid"),
        ({"what": "mood", "value": "positive"}, "invalid"),
    ):
        answer = program.post("/sentiment/corrections", ABOUT | wrong)
        assert (answer.status_code, answer.json["title"]) == (422, code)  # type: ignore[index]
    missing = {"subject": "message", "subject_id": 5, "what": "polarity", "value": "positive"}
    assert program.post("/sentiment/corrections", missing).status_code == 404
    assert program.get("/sentiment/opinion?subject=post&subject_id=6").status_code == 404
    assert program.post("/sentiment/corrections/9/withdraw", None).status_code == 404
    assert db.session.query(Correction).count() == 0


def test_sent_twice_with_one_key_it_is_kept_once(read: None, program: Program) -> None:
    body = {**ABOUT, "what": "complaint", "value": "no"}
    first, again = (program.post("/sentiment/corrections", body, Idempotency_Key="k1") for _ in range(2))
    assert first.json == again.json and db.session.query(Correction).count() == 1


def test_reading_is_not_correcting(
    read: None, program_with: Callable[..., Program], cast: dict[str, Account]
) -> None:
    reader = program_with("sentiment:read")
    assert reader.get("/sentiment/opinion?subject=post&subject_id=5").status_code == 200
    body = {**ABOUT, "what": "complaint", "value": "no"}
    assert reader.post("/sentiment/corrections", body).status_code == 403
