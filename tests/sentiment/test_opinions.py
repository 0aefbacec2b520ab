"""Opinions are stored once per text, announced once, replaced on re-scoring, and corrected by staff."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction
from socialcrm.errors import Invalid
from socialcrm.events import EventRow
from socialcrm.sentiment.actions import Text, correct_opinion, forget_opinion, record_opinions, score
from socialcrm.sentiment.models import OpinionAspect, OpinionRow
from socialcrm.sentiment.queries import corrections_of, mood_score, opinion_of, place_mood

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def text_of(number: int, text: str = STORY) -> Text:
    return Text("post", number, text, None, "group", 1, "post", datetime(2026, 11, 2, 8, tzinfo=UTC))


def scored_events() -> int:
    return db.session.scalar(select(func.count()).where(EventRow.name == "TextScored")) or 0


def test_the_story_is_stored_with_its_aspects(app: Flask) -> None:
    scored = score([text_of(1)])
    with transaction():
        record_opinions(scored)
    row = opinion_of("post", 1)
    assert row is not None and row.polarity == "negative" and row.complaint >= 0.5
    aspects = dict(db.session.execute(select(OpinionAspect.aspect, OpinionAspect.polarity)).all())
    assert aspects["配送"] == "negative" and aspects["客服"] == "negative" and aspects["包装"] == "positive"
    assert mood_score(row) < -0.2


def test_scoring_again_replaces_and_announces_nothing(app: Flask) -> None:
    for text in (STORY, "包装好看,味道也好喝,很满意"):
        scored = score([text_of(1, text)])
        with transaction():
            record_opinions(scored)
    assert db.session.scalars(select(OpinionRow)).one().polarity == "positive"
    assert scored_events() == 1
    with transaction():
        forget_opinion("post", 1)
    assert (
        opinion_of("post", 1) is None and db.session.scalar(select(func.count(OpinionAspect.opinion_id))) == 0
    )


def test_the_mood_of_a_place(app: Flask) -> None:
    scored = score([text_of(1), text_of(2, "味道很好喝,喜欢"), text_of(3, "请问几点开门")])
    with transaction():
        record_opinions(scored)
    texts, negative, positive, mean = place_mood(
        "group", 1, datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    )
    assert (texts, negative, positive) == (3, 1, 1) and mean is not None and 0 < mean < 1


def test_staff_corrections_are_kept_with_who_and_why(app: Flask, cast: dict[str, Account]) -> None:
    scored = score([text_of(1)])
    with transaction():
        record_opinions(scored)
    row = opinion_of("post", 1)
    assert row is not None
    with transaction():
        correct_opinion(
            row, cast["agent"], what="aspect", aspect="包装", value="neutral", reason="只是提了一句"
        )
        with pytest.raises(Invalid):
            correct_opinion(row, cast["agent"], what="polarity", value="absent")
    assert [(c.account_id, c.aspect, c.value) for c in corrections_of(row.id)] == [
        (cast["agent"].id, "包装", "neutral")
    ]
