"""kill -9 at random moments while 500 posts arrive: what was accepted is scored once, alerted once, and never lost.

In the embedded set the one process is killed; in the full set the pages, the Celery worker, the scheduler and Redis
(which keeps nothing on disk). The test restarts them, as a supervisor would.
"""

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.topics.actions import open_topic
from socialcrm.community.topics.models import Post
from socialcrm.customers.models import TimelineEntry
from socialcrm.database import db, transaction
from socialcrm.events import EventRow, ReactionRun
from socialcrm.sentiment.models import OpinionRow
from socialcrm.service.alerts.models import Alert
from tests.factories import make_account
from tests.servers import Servers, free_port, wait_until
from tests.servers.installation import Installation, Process, Visitor, installation, session_cookie
from tests.servers.redis_server import redis_command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

POSTS = 500
WRITERS = 5
KILLS = 12
COMPLAINT = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。第{}条"
PLEASED = "今天的手冲特别香,下次还来。第{}条"


@dataclass
class Progress:
    """How far the writers are; each adds under the interpreter's lock, and nobody needs the exact number."""

    accepted: int = 0
    failed: bool = False


def text_of(number: int) -> str:
    """Every fifth text is a complaint that must raise an alert."""
    return (PLEASED if number % 5 else COMPLAINT).format(number)


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.full)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, list[Process]]]:
    """A running installation and those of its processes that are to be killed."""
    with ExitStack() as stack:
        if request.param == "embedded":
            made = stack.enter_context(installation(tmp_path, {}))
            yield made, [made.serve()]
            return
        servers: Servers = request.getfixturevalue("servers")
        port = free_port()
        redis = Process("redis", redis_command(port, tmp_path), {}, tmp_path / "redis.log")
        redis.start()
        stack.callback(redis.stop)
        engines = {
            "DATABASE_URL": stack.enter_context(servers.postgresql.database()),
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "ELASTICSEARCH_URL": servers.elasticsearch_url,
            "SEARCH_PREFIX": f"t{secrets.token_hex(6)}",
        }
        made = stack.enter_context(installation(tmp_path, engines))
        yield made, [made.serve(processes=2), made.worker(), made.beat(), redis]


def test_nothing_is_lost_and_nothing_happens_twice(place: tuple[Installation, list[Process]]) -> None:
    made, victims = place
    topic_id, visitors = a_topic_with_writers(made, str(victims[0].url))
    with ThreadPoolExecutor(WRITERS) as pool:
        lots = [range(first, POSTS, WRITERS) for first in range(WRITERS)]
        progress = Progress()
        writing = [pool.submit(write, *job, topic_id, progress) for job in zip(visitors, lots, strict=True)]
        kill_on_the_way(victims, progress)
        for job in writing:
            job.result()
    for visitor in visitors:
        visitor.close()
    with made.app():
        wait_until(nothing_waits, "the queue to be empty", within=180)
        assert_everything_happened_once(topic_id)


def a_topic_with_writers(made: Installation, url: str) -> tuple[int, list[Visitor]]:
    """A group, a topic in it, and signed-in members."""
    with made.app() as app:
        members = [make_account(f"顾客{number}") for number in range(WRITERS)]
        with transaction():
            group = create_group("发货讨论", kind="product", leader_id=members[0].customer_id)
            for member in members[1:]:
                join_group(group.id, member.customer_id, accepted_version=group.rules_version)
            topic = open_topic(
                members[0].customer_id, group.id, "说说这周的订单", "大家来说说。", acting=members[0].id
            )
            topic_id = topic.id
        return topic_id, [Visitor(session_cookie(app, member), url) for member in members]


def write(visitor: Visitor, numbers: range, topic_id: int, progress: Progress) -> None:
    """Post the texts one by one; one that got no answer is sent again under its own key until it is accepted."""
    try:
        for number in numbers:
            form = {"text": text_of(number), "once": f"text-{number}"}
            wait_until(lambda form=form: accepted(visitor, topic_id, form), f"text {number}", within=120)
            progress.accepted += 1
    except BaseException:
        progress.failed = True
        raise


def accepted(visitor: Visitor, topic_id: int, form: dict[str, str]) -> bool:
    """Whether the server said that it has the text; no answer and a 5xx are a no, anything else is a failure."""
    try:
        answer = visitor.post(f"/topics/{topic_id}/posts", form)
    except httpx.HTTPError:
        return False
    assert answer.is_redirect or answer.is_server_error, (answer.status_code, answer.text[:2000])
    return answer.is_redirect


def kill_on_the_way(victims: list[Process], progress: Progress) -> None:
    """Kill and restart each process in turn at KILLS random points of the way, and some milliseconds after each."""
    chance = random.Random(20261122)
    for kill, point in enumerate(sorted(chance.sample(range(1, POSTS - POSTS // 10), KILLS))):
        wait_until(
            lambda point=point: progress.accepted >= point or progress.failed, f"{point} posts", within=120
        )
        time.sleep(chance.uniform(0, 0.1))
        victim = victims[kill % len(victims)]
        victim.restart()
        victim.wait()


def nothing_waits() -> bool:
    waiting = db.session.scalar(select(func.count()).where(ReactionRun.state == "pending"))
    db.session.rollback()
    return waiting == 0


def assert_everything_happened_once(topic_id: int) -> None:
    posts = db.session.execute(
        select(Post.id, Post.text).where(Post.topic_id == topic_id).order_by(Post.id)
    ).all()
    replies = {row.id: row.text for row in posts[1:]}
    assert Counter(replies.values()) == Counter(text_of(number) for number in range(POSTS))
    assert db.session.scalar(select(func.count()).where(ReactionRun.state == "failed")) == 0
    scored = db.session.scalars(select(OpinionRow.subject_id).where(OpinionRow.subject == "post"))
    assert Counter(scored) == Counter(row.id for row in posts)
    complaints = {key for key, text in replies.items() if text.startswith(COMPLAINT[:10])}
    alerts = {a.subject_id: a.id for a in db.session.scalars(select(Alert).where(Alert.subject == "post"))}
    assert set(alerts) == complaints
    raised = db.session.scalars(select(EventRow).where(EventRow.name == "AlertRaised"))
    assert Counter(row.payload["alert_id"] for row in raised) == Counter(alerts.values())
    written = select(TimelineEntry.subject_id).where(TimelineEntry.subject == "post")
    assert Counter(db.session.scalars(written)).most_common(1)[0][1] == 1
