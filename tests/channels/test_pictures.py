"""Pictures in the web chat: checked as those of posts are, seen by the two sides of the conversation and nobody else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.channels.models import Message
from socialcrm.database import db
from socialcrm.events import ReactionRun

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def cup() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (32, 24), (146, 94, 60)).save(content, "PNG")
    content.seek(0)
    return content, "cup.png"


def shown(page: str) -> list[str]:
    return re.findall(r'src="(/chat/\d+/files/[0-9a-f]{64})"', page)


def test_a_picture_needs_no_words_and_both_sides_see_it(
    cast: Cast, client_of: ClientOf, drain: Callable[[], int]
) -> None:
    lina, agent = client_of(cast["lina"]), client_of(cast["agent"])
    lina.post("/chat/messages", data={"text": "", "once": "1", "images": [cup()]})
    drain()
    assert db.session.scalars(select(ReactionRun.error).where(ReactionRun.error.is_not(None))).all() == []
    (picture,) = shown(lina.get("/chat").text)
    conversation = picture.split("/")[2]
    assert shown(agent.get(f"/desk/inbox/{conversation}").text) == [picture]
    for browser in (lina, agent):
        answer = browser.get(picture)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_an_agent_sends_one_too(cast: Cast, client_of: ClientOf) -> None:
    lina, agent = client_of(cast["lina"]), client_of(cast["agent"])
    lina.post("/chat/messages", data={"text": "怎么装", "once": "1"})
    conversation = db.session.scalars(select(Message.conversation_id)).one()
    agent.post(f"/desk/inbox/{conversation}/messages", data={"text": "", "once": "2", "images": [cup()]})
    assert len(shown(lina.get("/chat").text)) == 1


def test_others_and_other_conversations_do_not_see_it(
    cast: Cast, client: FlaskClient, client_of: ClientOf
) -> None:
    lina, chenjing = client_of(cast["lina"]), client_of(cast["chenjing"])
    lina.post("/chat/messages", data={"text": "看", "once": "1", "images": [cup()]})
    chenjing.post("/chat/messages", data={"text": "在吗", "once": "1"})
    (picture,) = shown(lina.get("/chat").text)
    for browser in (client, chenjing, client_of(cast["manager"])):
        assert browser.get(picture).status_code == 404
    assert chenjing.get(re.sub(r"/chat/\d+", "/chat/2", picture)).status_code == 404


def test_what_is_no_picture_is_refused_and_the_words_are_kept(cast: Cast, client_of: ClientOf) -> None:
    lina = client_of(cast["lina"])
    fake = (io.BytesIO(b"MZ not a picture"), "cup.png")
    answer = lina.post("/chat/messages", data={"text": "包裹是这样的", "once": "1", "images": [fake]})
    assert answer.status_code == 422 and "图片没有发出" in answer.text and "包裹是这样的" in answer.text
    assert db.session.scalars(select(Message)).all() == []
