"""Tell the demo's world to the database: every happening in its order, by the areas' own actions, at its own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from socialcrm.accounts.actions import open_account
from socialcrm.accounts.intake import NewAccount, take_in_accounts
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
from socialcrm.commands.demo.world import (
    Case,
    Chat,
    Customer,
    Group,
    Order,
    Referral,
    Refund,
    Staff,
    Topic,
    World,
)
from socialcrm.community.groups.actions import create_group
from socialcrm.community.intake import (
    NewMember,
    NewPost,
    NewReaction,
    NewTopic,
    take_in_members,
    take_in_reactions,
    take_in_reading,
    take_in_topics,
)
from socialcrm.community.queries import facts_of_posts
from socialcrm.customers.actions import create_customer, put_fact, put_tag, set_consent
from socialcrm.customers.intake import Line, NewCustomer, take_in_customers, take_in_timeline
from socialcrm.customers.models import Customer as CustomerRow
from socialcrm.customers.mood import next_mood
from socialcrm.customers.queries import consenting
from socialcrm.customers.tagging import tags_of_opinion
from socialcrm.database import db, happening_at, utcnow
from socialcrm.desks.listening.texts import hear_texts
from socialcrm.events import Reaction, reacting_at_once
from socialcrm.flow import raise_alert
from socialcrm.loyalty.intake import Earning, take_in_earnings
from socialcrm.loyalty.ledger import points_for_order
from socialcrm.outbox.actions import read_notices
from socialcrm.outbox.models import Message as Notice
from socialcrm.referrals.actions import announce_due_rewards, code_of, consider_conversion, record_referral
from socialcrm.referrals.queries import referral_counts
from socialcrm.sentiment.actions import Text, record_opinions, score
from socialcrm.sentiment.events import TextScored
from socialcrm.sentiment.models import OpinionRow
from socialcrm.sentiment.queries import mood_score
from socialcrm.sentiment.trends.actions import begin_anew, next_opinions, recount, today
from socialcrm.sentiment.trends.spikes import find_spikes
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
from socialcrm.service.cases.staffing import ensure_teams, set_desk
from socialcrm.service.surveys.actions import rate_case
from socialcrm.settings import change_setting, setting
from socialcrm.shop.actions import keep_product, refund_order
from socialcrm.shop.intake import NewOrder, take_in_orders
from socialcrm.shop.models import Order as OrderRow
from socialcrm.shop.queries import spent_by
from socialcrm.value.actions import revalue_referee

SHOP = "demo"
MARGIN = 0.62
KINDS = {"产品兴趣群": "product", "行业知识群": "knowledge", "生活服务群": "life"}
TEAMS = {"配送": "配送组", "品质": "品质组", "客服": "客服组"}
PRIORITIES = ("normal", "high", "urgent")
QUIET = 0.3  # below this likelihood of a complaint no rule raises an alert
CAST = ("李娜", "王强", "陈静")
#: What is told for everybody together instead of after each happening.
TOGETHER = {"feel_mood", "tag_writer", "tell_orders", "count_in_trends"}
SPIKE_DAYS = 12


@dataclass(frozen=True)
class Happening:
    """Something to be done as of a moment."""

    at: datetime
    what: Callable[[], object]


def tell(happening: Happening) -> None:
    """Do it as of its moment, and what the product does in answer. Inside transaction()."""
    with happening_at(happening.at), reacting_at_once(_one_by_one):
        happening.what()
    db.session.flush()


def _one_by_one(reaction: Reaction) -> bool:
    """The search index, too, is built once at the end."""
    name = reaction.function.__name__
    return name not in TOGETHER and not name.startswith("find_")


@dataclass
class Story:
    """The world and what its keys became in the database.

    First `begin()` puts down what nobody has to react to one by one; then each of `happenings()` is told in its
    order; `settle()` draws the sums.
    """

    world: World
    password_hash: str
    customers: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    converted: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """The brand and its staff, everybody who came, groups and their talk, orders and their points."""
        opening = self.world.customers[0].joined_at - timedelta(days=1)
        tell(Happening(opening, self.set_up_brand))
        for number, person in enumerate(self.world.staff, start=1):
            tell(Happening(opening + timedelta(minutes=number), partial(self.hire, person)))
        tell(Happening(opening + timedelta(hours=1), self.set_up_desks))
        self.take_in_people()
        for edge in self.world.referrals:
            tell(Happening(edge.at, partial(self.bring, edge)))
        for number, group in enumerate(self.world.groups):
            tell(Happening(opening + timedelta(hours=2, minutes=number), partial(self.open_group, group)))
        self.take_in_talk()
        self.take_in_trade()

    def happenings(self) -> list[Happening]:
        """What the product answers to, sorted by time."""
        parts = (
            self._alarms(),
            self._conversions(),
            self._refunds(),
            self._chats(),
            self._cases(),
            self._rounds(),
        )
        return sorted((one for part in parts for one in part), key=lambda one: one.at)

    # — The brand opens —

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
        set_consent(customer.id, "community", True, source="sign_up", text_version=1)
        self.customers[person.key], self.accounts[person.key] = customer.id, account.id

    def set_up_desks(self) -> None:
        teams = {team.name: team for team in ensure_teams()}
        for person in self.world.staff:
            if person.role in ("agent", "lead"):
                team = teams[TEAMS[person.team]]
                set_desk(
                    self.account(person.key), team=team, capacity=12, skills=list(team.aspects), on_duty=True
                )

    def account(self, key: str) -> Account:
        return db.session.get_one(Account, self.accounts[key])

    # — People come —

    def take_in_people(self) -> None:
        people = self.world.customers
        last_seen = self._last_seen()
        ids = take_in_customers([_new_customer(person, last_seen.get(person.key)) for person in people])
        self.customers |= {person.key: number for person, number in zip(people, ids, strict=True)}
        members = [person for person in people if person.has_account]
        accounts = take_in_accounts(
            [
                # Only the cast can sign in with the demo's password; the others have none.
                NewAccount(
                    self.customers[person.key],
                    person.email,
                    self.password_hash if person.name in CAST else None,
                    person.joined_at,
                )
                for person in members
            ]
        )
        self.accounts |= {person.key: number for person, number in zip(members, accounts, strict=True)}
        take_in_timeline(
            [
                Line(self.customers[person.key], "signed_up", "account", account, person.joined_at)
                for person, account in zip(members, accounts, strict=True)
            ]
        )

    def _last_seen(self) -> dict[str, datetime]:
        last: dict[str, datetime] = {}
        for topic in self.world.topics:
            for post in topic.posts:
                for key, at in ((post.author, post.at), *((one.by, one.at) for one in post.reactions)):
                    last[key] = max(at, last.get(key, at))
        return last

    def bring(self, edge: Referral) -> None:
        """A friend comes by somebody's link."""
        record_referral(self.customers[edge.referred], code_of(self.customers[edge.referrer]).code)

    # — Groups and talk —

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
        take_in_members(
            [NewMember(row.id, self.customers[key], _role(group, key), at) for key, at in group.members]
        )

    def take_in_talk(self) -> None:
        topics = self.world.topics
        topic_ids, post_ids = take_in_topics([self._new_topic(topic) for topic in topics])
        for topic, number, numbers in zip(topics, topic_ids, post_ids, strict=True):
            self.topics[topic.key] = number
            self.posts |= {post.key: post_id for post, post_id in zip(topic.posts, numbers, strict=True)}
        take_in_reactions(
            [
                NewReaction(self.posts[post.key], self.customers[one.by], one.kind, one.at)
                for topic in topics
                for post in topic.posts
                for one in post.reactions
            ]
        )
        take_in_reading(self._read())
        self._read_by_the_engine()

    def _new_topic(self, topic: Topic) -> NewTopic:
        place = {post.key: number for number, post in enumerate(topic.posts)}
        posts = [
            NewPost(
                self.customers[post.author], post.text, post.at, place[post.answers] if post.answers else None
            )
            for post in topic.posts
        ]
        return NewTopic(self.groups[topic.group], topic.title, posts, topic.pinned)

    def _read(self) -> list[tuple[int, int, int]]:
        """Writers have read up to their last word; 李娜 and 王强 everything in their groups but the last two days."""
        read: dict[tuple[str, str], str] = {}
        until = self.world.now - timedelta(days=2)
        members = {group.key: dict(group.members) for group in self.world.groups}
        regulars = [person.key for person in self.world.customers if person.name in ("李娜", "王强")]
        for topic in self.world.topics:
            read |= {(post.author, topic.key): post.key for post in topic.posts}
            if topic.posts[-1].at < until:
                read |= {
                    (key, topic.key): topic.posts[-1].key for key in regulars if key in members[topic.group]
                }
        return [
            (self.customers[who], self.topics[topic], self.posts[post]) for (who, topic), post in read.items()
        ]

    def _read_by_the_engine(self) -> None:
        """Opinions on every post, and the line each leaves on its writer's timeline."""
        facts = facts_of_posts(self.posts.values())
        scored = score(
            [
                Text("post", f.post_id, f.text, f.author_id, "group", f.group_id, "post", f.at)
                for f in facts.values()
            ]
        )
        with reacting_at_once(lambda reaction: False):
            record_opinions(scored)
        take_in_timeline(
            [
                Line(
                    f.author_id,
                    "posted",
                    "post",
                    f.post_id,
                    f.at,
                    {
                        "excerpt": f.excerpt,
                        "url": f.url,
                        "polarity": opinion.polarity,
                        "where": f.topic_title,
                    },
                )
                for f, (_, opinion) in zip(facts.values(), scored, strict=True)
            ]
        )

    def _alarms(self) -> Iterator[Happening]:
        """The posts that may call somebody, half a second after they were written."""
        staff = {self.customers[person.key] for person in self.world.staff}
        rows = db.session.scalars(
            select(OpinionRow).where(OpinionRow.subject == "post").order_by(OpinionRow.at)
        )
        for row in rows:
            if row.customer_id in staff or (row.complaint < QUIET and row.urgency < 2):
                continue
            scored = TextScored(row.id, row.subject, row.subject_id, row.customer_id)
            yield Happening(row.at + timedelta(seconds=0.5), partial(self._alarm, scored))

    def _alarm(self, scored: TextScored) -> None:
        raise_alert(scored)

    # — Orders —

    def take_in_trade(self) -> None:
        orders = self.world.orders
        ids = take_in_orders([self._new_order(order) for order in orders])
        self.orders |= {order.number: number for order, number in zip(orders, ids, strict=True)}
        per_point = int(setting("loyalty.cents_per_point"))
        earnings, lines = [], []
        for order, number in zip(orders, ids, strict=True):
            customer_id = self.customers[order.customer]
            cents = {"cents": order.total_cents, "currency": "CNY"}
            lines.append(Line(customer_id, "ordered", "order", number, order.at, cents))
            points = points_for_order(order.total_cents, per_point)
            facts = {"order": order.number}
            earnings.append(Earning(customer_id, points, "order", f"order:{number}", order.at, facts))
        take_in_earnings([one for one in earnings if one.points > 0])
        take_in_timeline(lines)

    def _new_order(self, order: Order) -> NewOrder:
        return NewOrder(
            self.customers[order.customer],
            SHOP,
            order.number,
            order.at,
            order.total_cents,
            round(order.total_cents * MARGIN),
            [(line.product, line.quantity, line.unit_cents) for line in order.lines],
        )

    def _conversions(self) -> Iterator[Happening]:
        referred = {edge.referred for edge in self.world.referrals}
        for order in self.world.orders:
            if order.customer in referred:
                yield Happening(order.at, partial(self.consider, order))

    def consider(self, order: Order) -> None:
        """The first order that qualifies converts; later ones change nothing."""
        if order.customer in self.converted:
            return
        referral = consider_conversion(db.session.get_one(OrderRow, self.orders[order.number]))
        if referral is not None:
            self.converted.add(order.customer)

    def _refunds(self) -> Iterator[Happening]:
        for order in self.world.orders:
            if order.refund:
                yield Happening(order.refund.at, partial(self.pay_back, order, order.refund))

    def pay_back(self, order: Order, refund: Refund) -> None:
        refund_order(
            db.session.get_one(OrderRow, self.orders[order.number]),
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

    # — The sums —

    def settle(self) -> None:
        """Mood, tags, what was spent, and what the chains are worth: from everything that was told."""
        self._feel()
        self._listen()
        self._read_notices()
        for customer_id, (count, cents) in spent_by(list(self.customers.values())).items():
            put_fact(customer_id, "shop.orders", count=count, net_cents=cents)
        for referrer in {edge.referrer for edge in self.world.referrals}:
            referrer_id = self.customers[referrer]
            put_fact(referrer_id, "referrals.invited", **referral_counts(referrer_id))
        for edge in self.world.referrals:
            revalue_referee(self.customers[edge.referred])

    def _listen(self) -> None:
        """The counts of everything that was said, and the spikes of the last days as each day would have found them."""
        begin_anew()
        after = 0
        while texts := next_opinions(after):
            recount(hear_texts(texts))
            after = texts[-1][0]
        for back in range(SPIKE_DAYS, 0, -1):
            evening = (self.world.now - timedelta(days=back)).replace(hour=23, minute=30)
            with happening_at(evening), reacting_at_once():
                find_spikes(today())

    def _read_notices(self) -> None:
        """Everybody has seen their notices but those of the last two days."""
        seen = (
            select(Notice.customer_id, func.max(Notice.id))
            .where(
                Notice.channel == "notice",
                Notice.customer_id.is_not(None),
                Notice.created_at < self.world.now - timedelta(days=2),
            )
            .group_by(Notice.customer_id)
        )
        for customer_id, up_to in db.session.execute(seen).all():
            read_notices(customer_id or 0, up_to)

    def _feel(self) -> None:
        """Mood and model tags, opinion by opinion in order of time; nothing without the profiling consent."""
        may = consenting(list(self.customers.values()), "profiling")
        tags: dict[int, dict[str, dict[str, object]]] = {}
        moods: dict[int, tuple[float, datetime]] = {}
        for row in db.session.scalars(select(OpinionRow).order_by(OpinionRow.at)):
            if row.customer_id is None or row.customer_id not in may:
                continue
            mood, since = moods.get(row.customer_id, (None, None))
            moods[row.customer_id] = next_mood(mood, since, mood_score(row), row.at), row.at
            change, held = tags_of_opinion(row.answer), tags.setdefault(row.customer_id, {})
            for code in change.take:
                held.pop(code, None)
            for code, evidence in change.put.items():
                held[code] = {**evidence, "subject": row.subject, "subject_id": row.subject_id}
        for customer_id, (mood, at) in moods.items():
            customer = db.session.get_one(CustomerRow, customer_id)
            customer.mood, customer.mood_at = mood, at
        for customer_id, held in tags.items():
            for code, evidence in held.items():
                put_tag(customer_id, code, **evidence)


def _new_customer(person: Customer, last_seen_at: datetime | None) -> NewCustomer:
    keys = [("shop", person.number)]
    if person.has_account:
        keys += [("phone", person.phone), ("email", person.email)]
    return NewCustomer(
        person.nickname,
        person.source,
        person.joined_at,
        city=person.city,
        gender=person.gender,
        birthday=person.birthday,
        bio=person.bio,
        last_seen_at=last_seen_at,
        identities=keys,
        consents=sorted(person.consents - {"service"}),
    )


def _older(at: datetime, *, days: int) -> bool:
    return at < utcnow() - timedelta(days=days)


def _role(group: Group, key: str) -> str:
    if key == group.leader:
        return "leader"
    return "moderator" if key in group.moderators else "member"
