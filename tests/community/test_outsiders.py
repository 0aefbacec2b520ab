"""Who opens something inside a group that is not open to all is led to its front, with the way in."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group
from socialcrm.community.topics.actions import open_topic
from socialcrm.database import transaction

Cast = dict[str, Account]
ClientOf = Callable[[Account], FlaskClient]


def closed_group(cast: Cast, access: str) -> tuple[int, int]:
    lina = cast["lina"]
    with transaction():
        group = create_group(
            "店主夜谈",
            kind="life",
            access=access,
            description="说说心里话",
            rules="不外传。",
            leader_id=lina.customer_id,
        )
        topic = open_topic(lina.customer_id, group.id, "房租", "又涨了。", acting=lina.id)
    return group.id, topic.id


def test_an_outsider_is_led_to_what_the_group_is_and_how_to_ask(
    cast: Cast, client: FlaskClient, client_of: ClientOf
) -> None:
    group_id, topic_id = closed_group(cast, "request")
    for browser in (client, client_of(cast["chenjing"])):
        for path in (f"/topics/{topic_id}", f"/groups/{group_id}/members"):
            answer = browser.get(path, follow_redirects=True)
            assert answer.status_code == 200 and answer.request.path == f"/groups/{group_id}"
            assert all(words in answer.text for words in ("说说心里话", "不外传", "申请加入"))
            assert "又涨了" not in answer.text and "房租" not in answer.text


def test_programs_and_fragments_are_refused_in_words(cast: Cast, client_of: ClientOf) -> None:
    _group, topic_id = closed_group(cast, "request")
    outsider = client_of(cast["chenjing"])
    assert outsider.get(f"/topics/{topic_id}/posts", headers={"HX-Request": "true"}).status_code == 403
    refused = outsider.get(f"/topics/{topic_id}", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["title"]) == (403, "join_to_read")


def test_a_group_by_invitation_is_not_there(cast: Cast, client_of: ClientOf) -> None:
    group_id, topic_id = closed_group(cast, "invitation")
    outsider = client_of(cast["chenjing"])
    assert [outsider.get(path).status_code for path in (f"/topics/{topic_id}", f"/groups/{group_id}")] == [
        404,
        404,
    ]
