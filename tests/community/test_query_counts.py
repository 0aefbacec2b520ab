"""Topic and group pages run at most 12 queries, the same number whatever the size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.community.topics.actions import set_bookmark, set_reaction
from socialcrm.database import transaction

from .conftest import Village

LIMIT = 12


def pages(village: Village, topics: int, replies: int) -> list[str]:
    topic = village.topic("水温")
    for number in range(replies):
        post = village.reply(topic, f"第{number}次 @李娜", reply_to=topic.first_post_id)
        with transaction():
            set_reaction(post.id, village.cast["lina"].customer_id, "like", on=True)
            set_bookmark(post.id, village.cast["lina"].customer_id, on=True)
    for number in range(topics):
        village.topic(f"话题{number}")
    return [f"/topics/{topic.id}", f"/topics/{topic.id}?latest=1", f"/groups/{village.group.id}", "/groups"]


def _counts(statement: str) -> bool:
    """Settings are read once in a few seconds, by whichever page comes then."""
    return not statement.startswith(("BEGIN", "PRAGMA")) and "FROM settings" not in statement


@pytest.mark.parametrize("who", ["guest", "lina", "manager"])
def test_the_number_of_queries_does_not_grow(
    village: Village,
    client: FlaskClient,
    client_of: Callable[[Account], FlaskClient],
    count_queries,
    who: str,
) -> None:
    browser = client if who == "guest" else client_of(village.cast[who])
    small = pages(village, 2, 2)
    counted = []
    for urls in (small, pages(village, 25, 25)):
        counts = []
        for url in urls:
            browser.get(url)
            with count_queries() as statements:
                assert browser.get(url).status_code == 200
            queries = [s for s in statements if _counts(s)]
            assert len(queries) <= LIMIT, "\n".join(queries)
            counts.append(len(queries))
        counted.append(counts)
    assert counted[0] == counted[1]
