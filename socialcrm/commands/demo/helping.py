"""Chats, cases, and what the staff do every day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.channels.actions import (
    close_conversation,
    mark_read,
    open_conversation,
    receive_message,
    send_message,
)
from socialcrm.channels.models import Conversation
from socialcrm.commands.demo.service import case_texts
from socialcrm.commands.demo.told import Happening, Told
from socialcrm.commands.demo.world import Case, Chat
from socialcrm.database import db, utcnow
from socialcrm.referrals.actions import announce_due_rewards
from socialcrm.service.alerts.actions import dismiss, mark_seen, open_case_by_hand
from socialcrm.service.alerts.models import PENDING, Alert
from socialcrm.service.cases.actions import (
    active_case_at,
    add_note,
    answer_privately,
    close,
    open_case,
    solve,
)
from socialcrm.service.cases.models import Case as CaseRow
from socialcrm.service.surveys.actions import rate_case

PRIORITIES = ("normal", "high", "urgent")


@dataclass
class Help(Told):
    """What customers asked for and how they were answered."""

    def _chats(self) -> Iterator[Happening]:
        for chat in self.world.chats:
            for line in chat.lines:
                yield Happening(line.at, partial(self.say, chat, line.text, by_customer=line.by_customer))
            if chat.closed:
                yield Happening(chat.lines[-1].at + timedelta(minutes=20), partial(self.hang_up, chat))

    def say(self, chat: Chat, text: str, *, by_customer: bool) -> None:
        conversation = self._conversation(chat)
        if by_customer:
            receive_message(conversation, text)
        else:
            message = send_message(conversation, text, acting=self.account(chat.agent))
            mark_read(conversation, "staff", message.id)

    def _conversation(self, chat: Chat) -> Conversation:
        if chat.key in self.conversations:
            known = db.session.get_one(Conversation, self.conversations[chat.key])
            if known.state == "open":
                return known
        conversation = open_conversation(self.customers[chat.customer])
        self.conversations[chat.key] = conversation.id
        return conversation

    def hang_up(self, chat: Chat) -> None:
        conversation = db.session.get_one(Conversation, self.conversations[chat.key])
        newest = conversation.staff_read_id
        close_conversation(conversation)
        mark_read(conversation, "staff", newest + 1_000_000)
        mark_read(conversation, "customer", newest)

    def _cases(self) -> Iterator[Happening]:
        for case in self.world.cases:
            yield Happening(case.opened_at + timedelta(seconds=40), partial(self.complain, case))
            if case.first_reply_at:
                yield Happening(case.first_reply_at, partial(self.answer, case))
            if case.solved_at:
                yield Happening(case.solved_at, partial(self.solve, case))
            if case.satisfaction:
                yield Happening(case.satisfaction.at, partial(self.rate, case))

    def complain(self, case: Case) -> None:
        """The case a rule has opened for this text already, or one opened now."""
        place, place_id = self._place(case)
        customer_id = self.customers[case.customer]
        row = active_case_at(customer_id, place, place_id) if place and place_id else None
        row = row or open_case(
            customer_id,
            case.title,
            source={"form": "form", "chat": "conversation", "topic": "hand"}[case.source_kind],
            channel={"form": "form", "chat": "web_chat", "topic": "community"}[case.source_kind],
            text=case.text,
            aspects=[case.aspect],
            priority=PRIORITIES[case.priority],
            place=place,
            place_id=place_id,
            post_id=self.posts[f"{case.source}-p0"] if case.source_kind == "topic" else None,
            conversation_id=place_id if place == "conversation" else None,
        )
        row.title = case.title[:120]
        self.cases[case.key] = row.id

    def _place(self, case: Case) -> tuple[str | None, int | None]:
        if case.source_kind == "topic" and case.source:
            return "topic", self.topics[case.source]
        if case.source_kind == "chat" and case.source:
            return "conversation", self.conversations[case.source]
        return None, None

    def _case(self, case: Case) -> CaseRow:
        return db.session.get_one(CaseRow, self.cases[case.key])

    def answer(self, case: Case) -> None:
        row, acting = self._case(case), self.account(case.agent or "s-service")
        if row.active:
            add_note(row, case.note, acting=acting)
            answer_privately(row, case.first_reply, acting=acting)

    def solve(self, case: Case) -> None:
        row = self._case(case)
        if row.active:
            self._finish(row, case.solution, case.root_cause, self.account(case.agent or "s-service"))

    def _finish(self, row: CaseRow, solution: str, cause: str, acting: Account) -> None:
        solve(row, solution, acting=acting, root_cause=cause)
        conversation = db.session.get(Conversation, row.conversation_id) if row.conversation_id else None
        if conversation is not None:
            close_conversation(conversation)

    def rate(self, case: Case) -> None:
        row = self._case(case)
        if case.satisfaction and row.status == "solved":
            rate_case(row, case.satisfaction.score, case.satisfaction.comment)

    def _rounds(self) -> Iterator[Happening]:
        """Once a day somebody looks through the alerts; what came after the last round is still there to do."""
        moment = self.world.topics[0].opener.at.replace(hour=11, minute=40)
        last = self.world.now - timedelta(hours=26)
        while moment < last:
            yield Happening(moment, self.look_through_alerts)
            moment += timedelta(days=1)

    def look_through_alerts(self) -> None:
        """Every alert that waits becomes part of a case or is put aside with a reason; old cases are finished."""
        announce_due_rewards()
        acting = self.account("s-lead")
        for alert in db.session.scalars(select(Alert).where(Alert.state.in_(PENDING)).order_by(Alert.id)):
            mark_seen(alert, acting=acting)
            if alert.opens_case:
                open_case_by_hand(alert, acting=acting)
            else:
                dismiss(alert, "看过全文，是在聊天，不需要处理", acting=acting)
        told = set(self.cases.values())
        for row in db.session.scalars(
            select(CaseRow).where(CaseRow.status.in_(("open", "reopened", "solved")))
        ):
            if row.status == "solved":
                self._close_after_days(row)
            elif row.id not in told or (row.status == "reopened" and _older(row.changed_at, days=1)):
                self._work_off(row)

    def _close_after_days(self, row: CaseRow) -> None:
        if row.solved_at and _older(row.solved_at, days=3):
            close(row)

    def _work_off(self, row: CaseRow) -> None:
        """Answer and solve what a rule opened or a customer opened again, in the words of its aspect."""
        if row.assignee_id is None:
            return
        agent = db.session.get_one(Account, row.assignee_id)
        stock = case_texts()
        texts = stock[next((aspect for aspect in row.aspects if aspect in stock), "客服")]
        answer_privately(
            row, texts.reply[row.id % len(texts.reply)].replace("{网点|站点}", "站点"), acting=agent
        )
        cause = texts.cause[row.id % len(texts.cause)]
        self._finish(row, texts.solution[row.id % len(texts.solution)], cause, agent)


def _older(at: datetime, *, days: int) -> bool:
    return at < utcnow() - timedelta(days=days)
