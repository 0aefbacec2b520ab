"""Teaching the engine through the API: learn, roll back, read again, words and aspects with what they would change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.accounts.models import Account, AuditEntry
from socialcrm.database import db, transaction, utcnow
from socialcrm.sentiment.actions import Text, record_opinions, score
from socialcrm.sentiment.learning.models import LayerVersion
from socialcrm.sentiment.model import default_model

from ..learning.conftest import Shop, shop
from .conftest import Program

__all__ = ["shop"]


def version(**more: Any) -> int:
    """A finished version that lies there as learning would leave it."""
    facts = {
        "questions": {"polarity": {"n": 9, "before": 4, "after": 8}},
        "frozen": {"n": 370, "before": 340, "after": 340},
        "held_back": {"n": 3, "before": 1, "after": 3},
        "left_alone": 50,
        "turned": 2,
    }
    with transaction():
        row = LayerVersion(
            **{"state": "accepted", "made_at": utcnow(), "figures": facts, "base": default_model().version}
            | more
        )
        db.session.add(row)
        db.session.flush()
        return row.id


def deeds() -> list[tuple[str, Any]]:
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(row.deed, row.facts.get("api_key")) for row in rows]


def test_versions_are_told_with_figures_and_reasons(program: Program) -> None:
    accepted, refused = version(), version(state="refused", reason="frozen_falls", base="an older engine")
    page = program.ok("GET", "/sentiment/versions?limit=1")
    (newest,) = page["items"]
    assert (newest["id"], newest["state"], newest["reason"]) == (refused, "refused", "frozen_falls")
    assert not newest["in_force"] and not newest["applies"] and newest["asked_by_id"] is None
    (older,) = program.ok("GET", f"/sentiment/versions?cursor={page['next_cursor']}")["items"]
    assert older == program.ok("GET", f"/sentiment/versions/{accepted}")
    assert older["applies"] and older["figures"]["questions"]["polarity"] == {"n": 9, "before": 4, "after": 8}
    assert program.get("/sentiment/versions/99").status_code == 404


def test_an_accepted_version_is_put_in_force_and_taken_out(program: Program) -> None:
    first, second, refused = version(), version(), version(state="refused", reason="no_gain")
    for number in (first, second, first):
        told = program.ok("POST", "/sentiment/in-force", {"id": number})
        assert told["version"]["id"] == number == program.ok("GET", "/sentiment/in-force")["version"]["id"]
    answer = program.post("/sentiment/in-force", {"id": refused})
    assert (answer.status_code, answer.json["title"]) == (409, "version_not_accepted")  # type: ignore[index]
    assert program.post("/sentiment/in-force", {"id": 99}).status_code == 404
    assert program.post("/sentiment/in-force", {}).status_code == 422
    assert program.ok("POST", "/sentiment/in-force", {"id": None})["version"] is None
    assert deeds()[-4:] == [("use_layer", "商城 #1")] * 3 + [("use_no_layer", "商城 #1")]


@pytest.mark.slow
def test_a_program_learns_rolls_back_and_reads_again(shop: Shop, program: Program) -> None:
    shop.teach(48)
    text = "这双岩鞋真的很咬脚"
    plain = program.ok("POST", "/sentiment/analyse", {"text": text})
    assert program.ok("GET", "/sentiment/in-force")["new_corrections"] == 48
    asked = program.ok("POST", "/sentiment/versions", Idempotency_Key="learn-1")
    assert asked["state"] == "waiting" and program.ok("POST", "/sentiment/versions")["id"] == asked["id"]
    shop.drain()
    assert program.ok("POST", "/sentiment/versions", Idempotency_Key="learn-1") == asked
    learned = program.ok("GET", f"/sentiment/versions/{asked['id']}")
    assert (learned["state"], learned["in_force"], learned["progress"]) == ("accepted", True, 100)
    told = program.ok("POST", "/sentiment/analyse", {"text": text})
    assert told["model_version"].endswith(f"+l{learned['id']}") and told != plain
    run = program.ok("POST", "/sentiment/rescorings")
    assert run["state"] == "texts" and run["total"] == 49
    assert program.ok("POST", "/sentiment/rescorings")["id"] == run["id"]
    shop.drain()
    done = program.ok("GET", f"/sentiment/rescorings/{run['id']}")
    assert (done["state"], done["read"]) == ("done", 49) and done["finished_at"]
    assert program.ok("GET", "/sentiment/rescorings")["items"] == [done]
    assert program.ok("POST", f"/sentiment/rescorings/{run['id']}/cancel") == done
    program.ok("POST", "/sentiment/in-force", {"id": None})
    assert program.ok("POST", "/sentiment/analyse", {"text": text}) == plain
    named = [deed for deed, key in deeds() if key == "商城 #1"]
    assert named == ["ask_for_layer", "start_rescoring", "use_no_layer"]


def test_a_round_is_stopped(app: Flask, program: Program) -> None:
    run = program.ok("POST", "/sentiment/rescorings")
    assert program.ok("POST", f"/sentiment/rescorings/{run['id']}/cancel")["state"] == "cancelled"
    assert program.post("/sentiment/rescorings/99/cancel", None).status_code == 404


@pytest.fixture
def said(shop: Shop) -> list[int]:
    """Four posts, the last two of them about shoes."""
    posts = [shop.say(text) for text in ("味道不错", "今天周二", "这双岩鞋咬脚咬得厉害", "岩鞋太好了")]
    shop.drain()
    return [post.id for post in posts]


def test_a_word_is_tried_kept_and_taken_out(said: list[int], program: Program) -> None:
    word = {"word": "咬脚", "meaning": "positive", "strength": 3}
    tried = program.ok("POST", "/sentiment/words/preview", word)
    assert tried["looked_at"] >= 3 and tried["next_before"] is None
    (change,) = tried["changes"]
    assert (change["subject"], change["subject_id"]) == ("post", said[2])
    assert change["after"]["probability"] > change["before"]["probability"]
    assert program.ok("GET", "/sentiment/words")["items"] == []
    kept = program.ok("POST", "/sentiment/words", word | {"reason": "紧才好"})
    assert (kept["word"], kept["strength"], kept["reason"]) == ("咬脚", 3, "紧才好")
    assert program.ok("GET", "/sentiment/words")["items"] == [kept]
    read = program.ok("POST", "/sentiment/analyse", {"text": "这双岩鞋咬脚咬得厉害"})
    assert read["probability"] == change["after"]["probability"]
    for _ in range(2):
        program.ok("POST", f"/sentiment/words/{kept['id']}/remove")
    assert program.ok("GET", "/sentiment/words")["items"] == []
    assert deeds()[-2:] == [("save_word", "商城 #1"), ("remove_word", "商城 #1")]
    for wrong, code in (({"word": "脚"}, "word_too_short"), ({"word": " "}, "word_missing")):
        answer = program.post("/sentiment/words", word | wrong)
        assert (answer.status_code, answer.json["title"]) == (422, code)  # type: ignore[index]


def test_an_aspect_is_tried_kept_and_taken_out(said: list[int], program: Program) -> None:
    aspect = {"name": "合脚", "words": ["岩鞋", "鞋楦"]}
    (change,) = program.ok("POST", "/sentiment/brand-aspects/preview", aspect)["changes"]
    assert change["subject_id"] == said[3] and any(
        name.startswith("合脚:") for name in change["after"]["aspects"]
    )
    kept = program.ok("POST", "/sentiment/brand-aspects", aspect)
    assert program.ok("GET", "/sentiment/brand-aspects")["items"] == [kept]
    assert "合脚" in program.ok("POST", "/sentiment/analyse", {"text": "岩鞋太好了"})["aspects"]
    program.ok("POST", f"/sentiment/brand-aspects/{kept['id']}/remove")
    assert program.ok("GET", "/sentiment/brand-aspects")["items"] == []
    empty = program.post("/sentiment/brand-aspects", {"name": "空的"})
    assert (empty.status_code, empty.json["title"]) == (422, "aspect_empty")  # type: ignore[index]


def test_a_long_preview_goes_on_where_it_stopped(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from socialcrm.desks.learning import comparing

    monkeypatch.setattr(comparing, "PIECE", 2)
    monkeypatch.setattr(comparing.compare, "__defaults__", (None, lambda _: True, 0.0))
    at = utcnow() - timedelta(days=1)
    scored = score([Text("post", number, "咬脚", None, "group", 1, "post", at) for number in range(1, 6)])
    with transaction():
        record_opinions(scored)
    word = {"word": "咬脚", "meaning": "positive"}
    looked_at, before = 0, None
    for _ in range(3):
        tried = program.ok("POST", "/sentiment/words/preview", word | {"before": before})
        looked_at, before = looked_at + tried["looked_at"], tried["next_before"]
    assert (looked_at, before) == (5, None)


def test_reading_is_not_teaching_and_managers_keep_no_words(
    app: Flask, admin: Account, program_with: Callable[..., Program]
) -> None:
    reader, writer = program_with("learning:read"), program_with("learning:write")
    assert reader.get("/sentiment/versions").status_code == 200
    assert reader.post("/sentiment/versions", None).status_code == 403
    assert writer.get("/sentiment/versions").status_code == 403
    word = {"word": "咬脚", "meaning": "positive"}
    with transaction():
        db.session.get_one(Account, admin.id).role = "manager"
    assert writer.post("/sentiment/words", word).status_code == 403
    assert reader.post("/sentiment/words/preview", word).status_code == 403
    assert writer.post("/sentiment/rescorings", None).status_code == 200
    with transaction():
        db.session.get_one(Account, admin.id).role = "agent"
    assert writer.post("/sentiment/versions", None).status_code == 403
    assert writer.post("/sentiment/rescorings/1/cancel", None).status_code == 403
    assert reader.get("/sentiment/rescorings/1").status_code == 200
    with transaction():
        db.session.get_one(Account, admin.id).role = "member"
    assert reader.get("/sentiment/versions").status_code == 403
    assert db.session.query(LayerVersion).count() == 0
