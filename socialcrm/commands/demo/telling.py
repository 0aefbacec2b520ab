"""Tell the demo's world to the database: every happening in its order, by the areas' own actions, at its own time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from socialcrm.accounts.actions import open_account
from socialcrm.accounts.events import AccountOpened
from socialcrm.accounts.models import Account
from socialcrm.channels.actions import (
    close_conversation,
    mark_read,
    open_conversation,
    receive_message,
    send_message,
)
from socialcrm.channels.models import Conversation
from socialcrm.commands.demo.world import (
    Case,
    Chat,
    Customer,
    Group,
    Order,
    Post,
    Refund,
    Staff,
    Topic,
    World,
)
from socialcrm.community.groups.actions import create_group, decide_request, join_group, set_member_role
from socialcrm.community.groups.models import Group as GroupRow
from socialcrm.community.moderation.actions import pin_topic
from socialcrm.community.topics.actions import mark_read as mark_topic_read
from socialcrm.community.topics.actions import open_topic, publish_post, set_reaction
from socialcrm.community.topics.models import Topic as TopicRow
from socialcrm.customers.actions import add_identity, create_customer, set_consent
from socialcrm.customers.models import Customer as CustomerRow
from socialcrm.database import db, happening_at
from socialcrm.events import Reaction, announce, reacting_at_once
from socialcrm.referrals.actions import announce_due_rewards, code_of
from socialcrm.service.alerts.actions import dismiss, mark_seen, open_case_by_hand
from socialcrm.service.alerts.models import PENDING, Alert
from socialcrm.service.cases.actions import active_case_at, add_note, answer_privately, open_case, solve
from socialcrm.service.cases.models import Case as CaseRow
from socialcrm.service.cases.models import Team
from socialcrm.service.cases.staffing import ensure_teams, set_desk
from socialcrm.service.surveys.actions import rate_case
from socialcrm.settings import change_setting
from socialcrm.shop.actions import Line, keep_product, order_by_code, place_order, refund_order

SHOP = "demo"
MARGIN = 0.62
KINDS = {"产品兴趣群": "product", "行业知识群": "knowledge", "生活服务群": "life"}
TEAMS = {"配送": "配送组", "品质": "品质组", "客服": "客服组"}
PRIORITIES = ("normal", "high", "urgent")
TEXT_VERSION = 1  # of the consent texts that people saw


@dataclass(frozen=True)
class Happening:
    """Something to be done as of a moment."""

    at: datetime
    what: Callable[[], object]


def not_search(reaction: Reaction) -> bool:
    """The index is built once at the end instead of after each happening."""
    return not reaction.function.__name__.startswith("find_")


def tell(happening: Happening) -> None:
    """Do it as of its moment, and what the product does in answer. Inside transaction()."""
    with happening_at(happening.at), reacting_at_once(not_search):
        happening.what()
    db.session.flush()


@dataclass
class Story:
    """The world and what its keys became in the database."""

    world: World
    password_hash: str
    customers: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    def happenings(self) -> list[Happening]:
        """Everything, sorted by time."""
        parts = (
            self._beginning(),
            self._people(),
            self._groups(),
            self._talk(),
            self._trade(),
            self._chats(),
            self._cases(),
            self._rounds(),
        )
        return sorted((one for part in parts for one in part), key=lambda one: one.at)

    # — The brand opens —

    def _beginning(self) -> Iterator[Happening]:
        first = self.world.customers[0].joined_at - timedelta(days=1)
        yield Happening(first, self.set_up_brand)
        for number, person in enumerate(self.world.staff):
            yield Happening(first + timedelta(minutes=number + 1), partial(self.hire, person))
        yield Happening(first + timedelta(hours=1), self.set_up_desks)

    def set_up_brand(self) -> None:
        brand = self.world.brand
        for name, value in (
            ("brand.name", brand.name),
            ("brand.slogan", brand.slogan),
            ("brand.colour", brand.color),
            ("brand.set_up", True),
            ("demo", True),
        ):
            change_setting(name, value)
        for product in self.world.products:
            keep_product(product.key, product.name, product.price_cents, "CNY", product.category)

    def hire(self, person: Staff) -> None:
        customer = create_customer(person.name, source="staff", city="上海")
        customer.bio = f"{self.world.brand.name}{person.title}"
        account = open_account(
            customer, password_hash=self.password_hash, email=person.email, role=person.role
        )
        account.team = person.team
        set_consent(customer.id, "community", True, source="sign_up", text_version=TEXT_VERSION)
        self.customers[person.key], self.accounts[person.key] = customer.id, account.id

    def set_up_desks(self) -> None:
        teams = {team.name: team for team in ensure_teams()}
        for person in self.world.staff:
            if person.role in ("agent", "lead"):
                team: Team = teams[TEAMS[person.team]]
                set_desk(
                    self.account(person.key), team=team, capacity=12, skills=list(team.aspects), on_duty=True
                )

    def account(self, key: str) -> Account:
        return db.session.get_one(Account, self.accounts[key])

    # — People come —

    def _people(self) -> Iterator[Happening]:
        brought_by = {edge.referred: edge.referrer for edge in self.world.referrals}
        for customer in self.world.customers:
            yield Happening(customer.joined_at, partial(self.meet, customer, brought_by.get(customer.key)))

    def meet(self, person: Customer, referrer: str | None) -> None:
        """A customer the shop reports, or one who signs up, perhaps by a friend's link."""
        customer = create_customer(
            person.nickname,
            source=person.source,
            city=person.city,
            gender=person.gender,
            birthday=person.birthday,
        )
        customer.bio = person.bio
        self.customers[person.key] = customer.id
        add_identity(customer, "shop", person.number, verified=True)
        if not person.has_account:
            return
        account = open_account(customer, password_hash=self._hash_of(person), email=person.email)
        self.accounts[person.key] = account.id
        add_identity(customer, "phone", person.phone, verified=True)
        add_identity(customer, "email", person.email, verified=True)
        for purpose in sorted(person.consents - {"service"}):
            set_consent(customer.id, purpose, True, source="sign_up", text_version=TEXT_VERSION)
        code = code_of(self.customers[referrer]).code if referrer else None
        announce(AccountOpened(account.id, customer.id, code))

    def _hash_of(self, person: Customer) -> str | None:
        """Only the cast can sign in with the demo's password; the others have none."""
        return self.password_hash if person.name in ("李娜", "王强", "陈静") else None

    # — Groups and talk —

    def _groups(self) -> Iterator[Happening]:
        opening = self.world.customers[0].joined_at - timedelta(hours=12)
        for number, group in enumerate(self.world.groups):
            yield Happening(opening + timedelta(minutes=number), partial(self.open_group, group))
            for member, joined_at in group.members:
                yield Happening(joined_at, partial(self.join, group, member))

    def open_group(self, group: Group) -> None:
        rules = "\n".join(f"{number}. {rule}" for number, rule in enumerate(group.rules, 1))
        row = create_group(
            group.name,
            kind=KINDS[group.kind],
            access=group.access,
            description=group.description,
            rules=rules,
            leader_id=self.customers["s-manager"],
        )
        self.groups[group.key] = row.id

    def join(self, group: Group, member: str) -> None:
        group_id, customer_id = self.groups[group.key], self.customers[member]
        version = db.session.get_one(GroupRow, group_id).rules_version
        row = join_group(group_id, customer_id, accepted_version=version)
        if row.state == "requested":
            decide_request(group_id, customer_id, let_in=True)
        if member == group.leader:
            set_member_role(group_id, customer_id, "leader")
        elif member in group.moderators:
            set_member_role(group_id, customer_id, "moderator")

    def _talk(self) -> Iterator[Happening]:
        for topic in self.world.topics:
            yield Happening(topic.opener.at, partial(self.open_topic, topic))
            for post in topic.replies:
                yield Happening(post.at, partial(self.reply, topic, post))
            for post in topic.posts:
                for reaction in post.reactions:
                    yield Happening(reaction.at, partial(self.react, post, reaction.by, reaction.kind))
            if topic.pinned:
                yield Happening(topic.opener.at + timedelta(minutes=30), partial(self.pin, topic))

    def open_topic(self, topic: Topic) -> None:
        row = open_topic(
            self.customers[topic.opener.author],
            self.groups[topic.group],
            topic.title,
            topic.opener.text,
            acting=self.accounts[topic.opener.author],
        )
        self.topics[topic.key] = row.id
        self.posts[topic.opener.key] = row.first_post_id or 0
        self._read(topic, topic.opener)

    def reply(self, topic: Topic, post: Post) -> None:
        row = publish_post(
            self.customers[post.author],
            self.topics[topic.key],
            post.text,
            acting=self.accounts[post.author],
            reply_to=self.posts[post.answers] if post.answers else None,
        )
        self.posts[post.key] = row.id
        self._read(topic, post)

    def _read(self, topic: Topic, post: Post) -> None:
        mark_topic_read(self.customers[post.author], self.topics[topic.key], self.posts[post.key])

    def react(self, post: Post, by: str, kind: str) -> None:
        set_reaction(self.posts[post.key], self.customers[by], kind, on=True)

    def pin(self, topic: Topic) -> None:
        pin_topic(self.topics[topic.key], self.accounts["s-manager"], on=True)

    # — Orders —

    def _trade(self) -> Iterator[Happening]:
        for order in self.world.orders:
            yield Happening(order.at, partial(self.sell, order))
            if order.refund:
                yield Happening(order.refund.at, partial(self.pay_back, order, order.refund))

    def sell(self, order: Order) -> None:
        names = {product.key: product.name for product in self.world.products}
        place_order(
            self.customers[order.customer],
            source=SHOP,
            code=order.number,
            placed_at=order.at,
            total_cents=order.total_cents,
            margin_cents=round(order.total_cents * MARGIN),
            lines=[
                Line(one.product, names[one.product], one.quantity, one.unit_cents) for one in order.lines
            ],
            payment_hash=hashlib.sha256(order.customer.encode()).hexdigest(),
        )

    def pay_back(self, order: Order, refund: Refund) -> None:
        refund_order(
            order_by_code(SHOP, order.number),
            source=SHOP,
            code=f"R{order.number}",
            amount_cents=refund.amount_cents,
            at=refund.at,
            reason=refund.reason,
        )

    # — Chats and cases —

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

    # — What the staff do every day —

    def _rounds(self) -> Iterator[Happening]:
        """Twice a day somebody looks through the alerts; what came after the last round is still there to do."""
        moment = self.world.topics[0].opener.at.replace(hour=11, minute=40)
        last = self.world.now - timedelta(hours=8)
        while moment < last:
            yield Happening(moment, self.look_through_alerts)
            moment += timedelta(hours=7 if moment.hour == 11 else 17)

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
        waiting = select(CaseRow).where(CaseRow.status.in_(("open", "reopened")))
        for row in db.session.scalars(waiting):
            if row.id not in told and row.assignee_id:
                agent = db.session.get_one(Account, row.assignee_id)
                answer_privately(
                    row, "你说的情况我看到了，已经记下来转给负责的同事，有结果我第一个告诉你。", acting=agent
                )
                self._finish(row, "已核实并向客户说明，按规则补偿。", "", agent)


def read_by(story: Story, key: str, until: datetime) -> None:
    """Mark what a member of the cast had read by then, so that unread marks mean something."""
    groups = {group.key for group in story.world.groups if key in dict(group.members)}
    rows = {row.id: row for row in db.session.scalars(select(TopicRow))}
    for topic in story.world.topics:
        if topic.group in groups and topic.posts[-1].at < until:
            row = rows[story.topics[topic.key]]
            mark_topic_read(story.customers[key], row.id, row.last_post_id or 0)


def settle(story: Story) -> None:
    """What is true now and belongs to no moment: who was seen last, what the cast has read."""
    last_seen: dict[str, datetime] = {}
    for topic in story.world.topics:
        for post in topic.posts:
            last_seen[post.author] = max(post.at, last_seen.get(post.author, post.at))
    for key, at in last_seen.items():
        db.session.get_one(CustomerRow, story.customers[key]).last_seen_at = at
    for key in ("c012", "c045"):
        read_by(story, key, story.world.now - timedelta(days=2))
