"""Verbs of cases. All run inside the caller's transaction(); `acting` is None when a rule or the customer does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ...accounts.models import Account
from ...channels.actions import open_conversation, reopen_conversation, send_message
from ...channels.models import Conversation, Message
from ...database import db, utcnow
from ...errors import Conflict, Invalid
from ...events import announce
from .clocks import note_first_reply, set_clocks
from .events import CaseAnswered, CaseClosed, CaseOpened, CaseReopened, CaseSolved
from .models import ACTIVE, PRIORITIES, SOURCES, Case, CaseEntry, CasePause
from .staffing import give, place_case, serve_queue
from .thread import add_entry, known_entry

MAX_CHARACTERS = 4000
REOPEN_WITHIN = timedelta(days=30)


def open_case(
    customer_id: int,
    title: str,
    *,
    source: str,
    channel: str,
    text: str = "",
    aspects: Sequence[str] = (),
    priority: str = "normal",
    place: str | None = None,
    place_id: int | None = None,
    post_id: int | None = None,
    conversation_id: int | None = None,
    waits_since: datetime | None = None,
    acting: Account | None = None,
    once: str | None = None,
    facts: dict[str, Any] | None = None,
) -> Case:
    """Open a case, start its clocks and route it; the same `once` gives back the first one.

    `text` is what the customer said, and is on the customer's own page. Raises Invalid `title_missing`, `text_too_long`.
    """
    if once:
        known = db.session.scalar(select(Case).where(Case.once == once))
        if known is not None:
            return known
    if source not in SOURCES or priority not in PRIORITIES:
        raise Invalid("unknown_source")
    case = Case(
        customer_id=customer_id,
        title=_title(title),
        source=source,
        channel=channel,
        aspects=list(dict.fromkeys(aspects)),
        priority=priority,
        place=place,
        place_id=place_id,
        post_id=post_id,
        conversation_id=conversation_id,
        opened_at=utcnow(),
        status="open",
        rounds=0,
        root_cause="",
        solution="",
        once=once or None,
    )
    case.changed_at = case.opened_at
    case.waits_since = waits_since or case.opened_at
    case.due_at = case.opened_at
    db.session.add(case)
    db.session.flush()
    add_entry(case, "opened", audience="customer", acting=acting, text=_text(text), facts=facts)
    set_clocks(case)
    announce(CaseOpened(case.id))
    place_case(case)
    return case


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid("title_missing", field="title")
    return title if len(title) <= 60 else title[:59] + "…"


def _text(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise Invalid("text_too_long", field="text", most=MAX_CHARACTERS)
    return text.strip()


def _needed(text: str) -> str:
    text = _text(text)
    if not text:
        raise Invalid("text_missing", field="text")
    return text


def answer_privately(
    case: Case, text: str, *, acting: Account, once: str | None = None, wait: bool = False
) -> CaseEntry:
    """Tell the customer in a conversation of their own; it stands in the case and in web chat.

    With `wait` the case then waits for the customer and the solution's clock stands still.
    """
    known = known_entry(case, once)
    if known is not None:
        return known
    _refuse_finished(case)
    conversation = _conversation_of(case)
    message = send_message(conversation, _needed(text), acting=acting, once=once)
    entry = add_entry(
        case,
        "answered",
        audience="customer",
        acting=acting,
        text=message.text,
        facts={"where": "conversation", "conversation_id": conversation.id, "message_id": message.id},
        once=once,
    )
    _answered(case, entry, acting, wait)
    return entry


def _conversation_of(case: Case) -> Conversation:
    found = db.session.get(Conversation, case.conversation_id) if case.conversation_id else None
    conversation = reopen_conversation(found) if found else open_conversation(case.customer_id)
    case.conversation_id = conversation.id
    return conversation


def record_topic_answer(
    case: Case, text: str, post_id: int, *, acting: Account, once: str | None = None, wait: bool = False
) -> CaseEntry:
    """Keep that the customer was answered by a post in the topic, published in the same transaction."""
    _refuse_finished(case)
    entry = add_entry(
        case,
        "answered",
        audience="customer",
        acting=acting,
        text=_needed(text),
        facts={"where": "topic", "topic_id": case.place_id, "post_id": post_id},
        once=once,
    )
    _answered(case, entry, acting, wait)
    return entry


def note_chat(message: Message, case: Case) -> None:
    """What is said in the conversation of an active case belongs to the case, whoever said it; once each."""
    if message.at <= case.opened_at:
        return
    if message.account is not None:
        _note_chat_answer(case, message.id, message.text, message.account)
    elif message.side == "customer":
        customer_says(case, message.text, once=f"message:{message.id}", facts={"message_id": message.id})


def _note_chat_answer(case: Case, message_id: int, text: str, acting: Account) -> None:
    for entry in db.session.scalars(
        select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.kind == "answered")
    ):
        if entry.facts.get("message_id") == message_id:
            return
    facts = {"where": "conversation", "conversation_id": case.conversation_id, "message_id": message_id}
    entry = add_entry(case, "answered", audience="customer", acting=acting, text=text, facts=facts)
    _answered(case, entry, acting, wait=False)


def _answered(case: Case, entry: CaseEntry, acting: Account, wait: bool) -> None:
    note_first_reply(case, entry.at)
    case.waits_since = None
    case.snoozed_until = None
    if case.assignee_id is None:
        give(case, acting.id, acting=acting, reason="answered")
    if wait:
        wait_for_customer(case, acting=acting)
    set_clocks(case)
    announce(CaseAnswered(case.id, entry.id))


def wait_for_customer(case: Case, *, acting: Account) -> None:
    """The next word is the customer's: the solution's clock stands still until it comes."""
    _refuse_finished(case)
    if case.status == "waiting":
        return
    case.status = "waiting"
    case.waits_since = None
    db.session.add(CasePause(case_id=case.id, began_at=utcnow()))
    add_entry(case, "waiting", audience="customer", acting=acting)
    set_clocks(case)
    serve_queue(case.team_id)


def resume(case: Case, *, acting: Account | None = None) -> None:
    """Work goes on: the clock runs again."""
    if case.status != "waiting":
        return
    _end_pause(case)
    case.status = "open"
    add_entry(case, "resumed", acting=acting)
    set_clocks(case)


def _end_pause(case: Case) -> None:
    now = utcnow()
    for pause in db.session.scalars(
        select(CasePause).where(CasePause.case_id == case.id, CasePause.ended_at.is_(None))
    ):
        pause.ended_at = now
    db.session.flush()


def customer_says(
    case: Case, text: str, *, once: str | None = None, facts: dict[str, Any] | None = None
) -> CaseEntry:
    """The customer adds something: a waiting case goes on, a finished one opens again within REOPEN_WITHIN.

    Raises Conflict `case_finished` when it was closed longer ago or merged.
    """
    known = known_entry(case, once)
    if known is not None:
        return known
    if not case.active:
        reopen(case)
    entry = add_entry(case, "said", audience="customer", text=_needed(text), facts=facts, once=once)
    case.waits_since = case.waits_since or entry.at
    case.snoozed_until = None
    resume(case)
    set_clocks(case)
    return entry


def reopen(case: Case, *, acting: Account | None = None, text: str = "") -> None:
    """Work on it again; the time it was solved does not count against the clock."""
    if case.active:
        return
    ended = case.solved_at or case.changed_at
    if case.merged_into_id is not None or utcnow() - ended > REOPEN_WITHIN:
        raise Conflict("case_finished")
    db.session.add(CasePause(case_id=case.id, began_at=ended, ended_at=utcnow()))
    case.status, case.solved_at, case.closed_at = "reopened", None, None
    case.waits_since = utcnow()
    case.solve_breached_at = case.reply_breached_at = None
    add_entry(case, "reopened", audience="customer", acting=acting, text=text)
    set_clocks(case)
    announce(CaseReopened(case.id))


def solve(
    case: Case, solution: str, *, acting: Account, root_cause: str = "", once: str | None = None
) -> CaseEntry:
    """Say what was done; the customer is told and asked how it went."""
    known = known_entry(case, once)
    if known is not None:
        return known
    _refuse_finished(case)
    solution = _needed(solution)
    if case.status == "waiting":
        _end_pause(case)
    now = utcnow()
    case.status, case.solved_at, case.solution = "solved", now, solution
    case.root_cause = " ".join(root_cause.split())[:200] or case.root_cause
    case.rounds += 1
    case.waits_since, case.snoozed_until = None, None
    if case.assignee_id is None:
        give(case, acting.id, acting=acting, reason="answered")
    note_first_reply(case, now)
    entry = add_entry(case, "solved", audience="customer", acting=acting, text=solution, once=once)
    set_clocks(case)
    announce(CaseSolved(case.id))
    serve_queue(case.team_id)
    return entry


def close(case: Case, *, acting: Account | None = None) -> None:
    """Nothing more to do: the customer is content, or did not answer in time."""
    if case.status == "closed":
        return
    if case.status != "solved":
        raise Conflict("case_not_solved")
    case.status, case.closed_at = "closed", utcnow()
    add_entry(case, "closed", audience="customer", acting=acting)
    set_clocks(case)
    announce(CaseClosed(case.id))


def add_note(case: Case, text: str, *, acting: Account, once: str | None = None) -> CaseEntry:
    """A line only staff see."""
    return known_entry(case, once) or add_entry(case, "note", acting=acting, text=_needed(text), once=once)


def change_facts(
    case: Case,
    *,
    acting: Account,
    priority: str | None = None,
    aspects: Sequence[str] | None = None,
    root_cause: str | None = None,
) -> None:
    """Change priority, aspects or root cause; what changed is written down, and the clocks follow."""
    if priority is not None and priority not in PRIORITIES:
        raise Invalid("unknown_priority", field="priority")
    wanted = {
        "priority": priority,
        "aspects": list(dict.fromkeys(aspects)) if aspects is not None else None,
        "root_cause": " ".join(root_cause.split())[:200] if root_cause is not None else None,
    }
    changed = {
        name: [getattr(case, name), value]
        for name, value in wanted.items()
        if value is not None and value != getattr(case, name)
    }
    if not changed:
        return
    for name, (_, value) in changed.items():
        setattr(case, name, value)
    add_entry(case, "changed", acting=acting, facts=changed)
    set_clocks(case)


def snooze(case: Case, until: datetime, *, acting: Account) -> None:
    """Out of the way until an exact time; the clocks run on. Invalid `snooze_in_the_past`."""
    _refuse_finished(case)
    if until <= utcnow():
        raise Invalid("snooze_in_the_past", field="until")
    case.snoozed_until = until
    add_entry(case, "snoozed", acting=acting, facts={"until": until.isoformat()})


def merge_cases(case: Case, into: Case, *, acting: Account) -> None:
    """Two matters of one customer become one; the merged one is closed and points to the other.

    Raises Conflict `merge_other_customer`, `merge_itself`, `case_finished`.
    """
    if case.id == into.id:
        raise Conflict("merge_itself")
    if case.customer_id != into.customer_id:
        raise Conflict("merge_other_customer")
    _refuse_finished(case)
    _refuse_finished(into)
    if case.status == "waiting":
        _end_pause(case)
    case.status, case.closed_at, case.merged_into_id = "closed", utcnow(), into.id
    case.waits_since = None
    into.aspects = list(dict.fromkeys([*into.aspects, *case.aspects]))
    into.conversation_id = into.conversation_id or case.conversation_id
    add_entry(case, "merged", audience="customer", acting=acting, facts={"into": into.id})
    add_entry(into, "merged", audience="customer", acting=acting, facts={"from": case.id}, text=case.title)
    set_clocks(case)
    set_clocks(into)
    announce(CaseClosed(case.id))
    serve_queue(case.team_id)


def _refuse_finished(case: Case) -> None:
    if not case.active:
        raise Conflict("case_finished")


def active_case_at(customer_id: int, place: str, place_id: int) -> Case | None:
    """The customer's active case about the same topic or conversation, so that one matter is one case."""
    at_place = (Case.place == place) & (Case.place_id == place_id)
    if place == "conversation":
        at_place = at_place | (Case.conversation_id == place_id)
    return db.session.scalar(
        select(Case)
        .where(Case.customer_id == customer_id, Case.status.in_(ACTIVE), at_place)
        .order_by(Case.id.desc())
        .limit(1)
    )
