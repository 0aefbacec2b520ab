"""An installation to measure, with a group, a topic of many posts and people who are signed in."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.topics.actions import open_topic, publish_post
from socialcrm.database import transaction
from socialcrm.events import bulk_work
from tests.factories import make_account
from tests.servers import full_set
from tests.servers.installation import Installation, installation, session_cookie

TEXTS = (
    "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。这是第{}次在这里说了,希望这回有人看到,别再让我白等。",
    "今天的手冲特别香,水温九十二度,粉水比一比十五,第{}次试出来的参数分享给大家,你们平时都用什么磨豆机?",
    "新到的豆子包装换了,看着挺用心,就是快递盒子压瘪了一角,里面倒没坏。第{}单,整体满意,还会再来。",
)


@dataclass
class Place:
    """What a measurement needs to know of the installation."""

    made: Installation
    group_id: int
    topic_id: int
    #: Session cookies of members of the group.
    members: list[str]
    #: Session cookie of a service agent.
    agent: str


@contextmanager
def place(engines: str, *, members: int = 20, posts: int = 200, **settings: str) -> Iterator[Place]:
    """An installation on the `embedded` or the `full` set; its processes are started by the measurement."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="socialcrm-bench-")))
        env = stack.enter_context(full_set()) if engines == "full" else {}
        made = stack.enter_context(installation(folder, env, **settings))
        yield fill(made, members, posts)


def fill(made: Installation, members: int, posts: int) -> Place:
    """Make the people, the group and the topic."""
    with made.app() as app:
        people = [make_account(f"顾客{number}") for number in range(members)]
        agent = make_account("客服小周", "agent")
        with transaction(), bulk_work():
            group = create_group("咖啡品鉴交流", kind="product", leader_id=people[0].customer_id)
            for person in people[1:]:
                join_group(group.id, person.customer_id, accepted_version=group.rules_version)
            topic = open_topic(
                people[0].customer_id, group.id, "这周喝到的好豆子", "说说你的口粮豆。", acting=people[0].id
            )
            for number in range(posts):
                author = people[number % members]
                text = TEXTS[number % len(TEXTS)].format(number)
                publish_post(author.customer_id, topic.id, text, acting=author.id)
            found = group.id, topic.id
        cookies = [session_cookie(app, person) for person in people]
        return Place(made, *found, cookies, session_cookie(app, agent))
