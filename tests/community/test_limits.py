"""Nobody floods a group: topics a minute are limited by account, and what was written stays a draft's worth of text."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select

from socialcrm import create_app
from socialcrm.community.topics.models import Topic
from socialcrm.config import Config
from socialcrm.database import db
from tests.factories import signed_in_key

from .conftest import Village


def test_opening_topics_is_limited(config: Config, village: Village) -> None:
    app = create_app(dataclasses.replace(config, rate_limits=True))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["key"] = signed_in_key(village.cast["lina"])
    url = f"/groups/{village.group.id}/topics/new"
    answers = [client.post(url, data={"title": f"话题{n}", "text": "文"}).status_code for n in range(11)]
    assert answers == [302] * 10 + [429]
    assert db.session.scalar(select(db.func.count()).select_from(Topic)) == 10
    with app.app_context():
        db.engine.dispose()
