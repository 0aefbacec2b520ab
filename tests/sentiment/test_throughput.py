"""Back-pressure: what somebody says now is read before the thousands of texts an import left waiting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from socialcrm.community.events import PostPublished
from socialcrm.community.intake import NewPost, NewTopic, take_in_topics
from socialcrm.database import db, transaction, utcnow
from socialcrm.events import BULK, ReactionRun, announce, bulk_work
from socialcrm.reacting import drain
from socialcrm.sentiment.models import OpinionRow
from tests.community.conftest import Village, village

__all__ = ["village"]

WAITING = 5_000
#: Texts of one batch of scoring (flow.py).
BATCH = 64


def import_many(village: Village) -> None:
    """Posts as an import leaves them: stored, and their reactions waiting in the last lane."""
    author, now = village.cast["lina"].customer_id, utcnow()
    posts = [NewPost(author, f"第{number}条：快递太慢了，包装也破了", now) for number in range(WAITING)]
    with transaction(), bulk_work():
        (topic_id,), (ids,) = take_in_topics([NewTopic(village.group.id, "旧论坛", posts)])
        for post_id in ids:
            announce(PostPublished(post_id, topic_id, village.group.id, author))


def scored() -> int:
    return db.session.scalar(select(func.count()).select_from(OpinionRow)) or 0


@pytest.mark.slow
def test_a_new_post_goes_before_five_thousand_imported_ones(village: Village) -> None:
    import_many(village)
    waiting = select(func.count()).select_from(ReactionRun).where(ReactionRun.state == "pending")
    assert db.session.scalar(waiting.where(ReactionRun.lane == BULK)) >= WAITING
    drain(rounds=1)
    before = scored()
    topic = village.topic("刚刚说的", "客服一直不回，太失望了")
    post_id = topic.first_post_id
    drain(rounds=1)
    found = db.session.scalar(
        select(OpinionRow).where(OpinionRow.subject == "post", OpinionRow.subject_id == post_id)
    )
    assert found is not None and found.polarity == "negative"
    assert scored() <= before + 1 + BATCH, "at most one batch of the import came between"
    assert db.session.scalar(waiting.where(ReactionRun.lane == BULK)) >= WAITING


def test_texts_are_scored_in_batches(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    from socialcrm.sentiment import actions

    sizes: list[int] = []
    score: Callable[..., object] = actions.analyse_batch

    def counted(texts: list[str], **more: object) -> object:
        sizes.append(len(texts))
        return score(texts, **more)

    monkeypatch.setattr(actions, "analyse_batch", counted)
    topic = village.topic()
    for number in range(20):
        village.reply(topic, f"第{number}条")
    drain(rounds=1)
    assert max(sizes) == 21
