"""Answer a case where it fits: privately, in the topic, or with a note for colleagues. Inside transaction()."""

from __future__ import annotations

from ...accounts.models import Account
from ...community.topics.actions import publish_post
from ...errors import Conflict
from .actions import add_note, answer_privately, record_topic_answer
from .models import Case, CaseEntry
from .thread import known_entry


def answer(
    case: Case, text: str, where: str, *, acting: Account, once: str | None = None, wait: bool = False
) -> CaseEntry:
    """`where`: private, topic or note. Raises Conflict `topic_closed` where nobody can reply any more."""
    if where == "note":
        return add_note(case, text, acting=acting, once=once)
    if where == "topic" and case.place == "topic" and case.place_id is not None:
        return _in_topic(case, case.place_id, text, acting, once, wait)
    return answer_privately(case, text, acting=acting, once=once, wait=wait)


def _in_topic(
    case: Case, topic_id: int, text: str, acting: Account, once: str | None, wait: bool
) -> CaseEntry:
    known = known_entry(case, once)
    if known is not None:
        return known
    try:
        post = publish_post(
            acting.customer_id, topic_id, text, acting=acting.id, reply_to=case.post_id, once=once
        )
    except Conflict as error:
        raise Conflict("topic_closed", field="where") from error
    return record_topic_answer(case, text, post.id, acting=acting, once=once, wait=wait)
