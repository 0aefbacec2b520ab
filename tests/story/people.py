"""A brand with its doors open, and the people of the story, each in a browser of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group, join_group
from socialcrm.community.topics.actions import open_topic
from socialcrm.database import db, transaction
from socialcrm.outbox.models import Message
from socialcrm.service.cases.models import Team
from socialcrm.service.cases.staffing import ensure_teams, set_desk
from socialcrm.settings import change_setting
from tests.factories import make_account
from tests.servers.installation import Installation, installation, session_cookie
from tests.servers.nginx import nginx
from tests.servers.processes import free_port

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "zh-CN",
}
DESKTOP = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"}
#: Where screenshots of the story go when they are wanted.
PICTURES = os.environ.get("STORY_PICTURES")


@dataclass
class Brand:
    """A running installation with a group, a topic, teams and a desk, and its cast's accounts."""

    made: Installation
    url: str
    cast: dict[str, Account]
    group_id: int
    topic_id: int

    def mail_to(self, address: str, template: str) -> str:
        """The text of the newest mail of a template, as the administrator's outbox keeps it."""
        with self.made.app():
            body = db.session.scalar(
                db.select(Message.body)
                .where(Message.recipient == address, Message.template == template)
                .order_by(Message.id.desc())
            )
        return body or ""


@contextmanager
def open_brand(folder: Path, engines: Mapping[str, str]) -> Iterator[Brand]:
    """Start every process of the set; with the full one, two page processes and two real-time ones behind nginx."""
    with ExitStack() as stack:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        made = stack.enter_context(installation(folder, engines, BASE_URL=url, SWEEP_SECONDS="0.2"))
        cast, group_id, topic_id = set_up(made)
        if engines:
            pages = [made.serve(processes=2)]
            live = [made.live(), made.live()]
            made.worker()
            made.beat()
            ports = [[int(str(process.url).rpartition(":")[2]) for process in part] for part in (pages, live)]
            stack.enter_context(nginx(ports[0], ports[1], port))
        else:
            made.serve(port=port)
        yield Brand(made, url, cast, group_id, topic_id)


def set_up(made: Installation) -> tuple[dict[str, Account], int, int]:
    """The brand's settings, staff on duty, one group and a first topic."""
    with made.app():
        cast = {
            "lina": make_account("李娜", email="lina@example.com"),
            "agent": make_account("客服小周", "agent", email="agent@example.com"),
            "manager": make_account("运营小林", "manager", email="manager@example.com"),
        }
        with transaction():
            change_setting("brand.name", "山屿咖啡")
            change_setting("brand.slogan", "一杯好咖啡，和一群聊得来的人")
            change_setting("brand.set_up", True)
            # The story does not wait a week for the return window to end.
            change_setting("referrals.return_days", 0)
            ensure_teams()
            delivery = db.session.scalars(db.select(Team).where(Team.name.contains("配送"))).first()
            set_desk(cast["agent"], team=delivery, capacity=20, skills=[], on_duty=True)
            group = create_group(
                "咖啡品鉴交流",
                kind="product",
                description="聊豆子、器具和风味，新手也欢迎。",
                rules="友善交流。\n\n不发广告。",
                leader_id=cast["lina"].customer_id,
            )
            join_group(group.id, cast["manager"].customer_id, accepted_version=1)
            topic = open_topic(
                cast["lina"].customer_id,
                group.id,
                "云南日晒这一季怎么样",
                "这周开了一包云南日晒，莓果味很明显。你们冲的时候水温多少？",
                acting=cast["lina"].id,
            )
        return cast, group.id, topic.id


@dataclass
class Person:
    """Somebody at a screen; what the console complains of is kept."""

    name: str
    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def shot(self, name: str) -> None:
        """A picture for the guides, when they are wanted."""
        if PICTURES:
            self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def sit_down(
    browser: Browser, brand: Brand, name: str, device: dict[str, object], who: str | None = None
) -> Person:
    """A person in a fresh browser; signed in as one of the cast when `who` is given."""
    context = browser.new_context(**device)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    if who:
        with brand.made.app() as app:
            account = db.session.get_one(Account, brand.cast[who].id)
            value = session_cookie(app, account)
        context.add_cookies([{"name": "socialcrm", "value": value, "url": brand.url}])
    person = Person(name, context.new_page(), context)

    def hear(message: ConsoleMessage) -> None:
        # Playwright hides the caret with a style of its own when it takes a picture; the policy refuses it.
        own = r"status of (401|404|409|422)" + (r"|Applying inline style" if PICTURES else "")
        if message.type == "error" and not re.search(own, message.text):
            person.complaints.append(f"{name} at {person.page.url} {message.location}: {message.text}")

    person.page.on("console", hear)
    person.page.on("pageerror", lambda error: person.complaints.append(f"{name}: {error}"))
    return person
