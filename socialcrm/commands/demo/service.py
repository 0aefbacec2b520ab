"""Web chats with agents, and complaints from the form, from chats and from topics."""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from socialcrm.commands.demo import scenes
from socialcrm.commands.demo.brand import STAFF
from socialcrm.commands.demo.rhythm import answer_after, spread
from socialcrm.commands.demo.voices import fill_in
from socialcrm.commands.demo.world import Case, Chat, ChatLine, Customer, Satisfaction, Topic

CHATS = 64
FORM_CASES = 16
FRESH_CASES = 4  # sent within the last hours, nobody has answered yet
AGENTS = {"配送": "s-delivery", "客服": "s-service", "品质": "s-quality"}
TEAMS = {"配送": "配送", "包装": "配送", "质量": "品质", "口味": "品质"}  # every other aspect goes to 客服
LATER = re.compile("^(收到|到了|看到了|负责人刚刚|医院的)")
# Which scenes of talk are complaints, and about what.
ASPECT_OF_SCENE = {
    "物流慢": "配送",
    "包装破损": "包装",
    "客服态度": "客服",
    "质量问题": "质量",
    "退换流程": "退换",
    "积分活动": "活动",
    "会员等级": "活动",
    "曼特宁争议": "质量",
    "养豆保存": "质量",
    "送礼豆单": "包装",
    "随行杯": "质量",
    "订阅服务": "配送",
    "线下沙龙": "活动",
    "断流堵塞": "质量",
}


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """What is said around a complaint of one aspect; each field a stock of alternatives."""

    aspect: str
    team: str
    title: tuple[str, ...]
    complaint: tuple[str, ...]
    reply: tuple[str, ...]
    note: tuple[str, ...]
    solution: tuple[str, ...]
    cause: tuple[str, ...]
    rating: tuple[str, ...]


@cache
def case_texts() -> dict[str, CaseTexts]:
    """The stock of `texts/cases.txt` by aspect."""
    found = {}
    for block in re.split(r"^== ", scenes.read_text("cases.txt"), flags=re.M)[1:]:
        head, *lines = [line for line in block.splitlines() if line.strip()]
        aspect, team = (part.strip() for part in head.split("|"))
        stock = [tuple(line[2:] for line in lines if line[0] == mark) for mark in "题客答记解因评"]
        found[aspect] = CaseTexts(aspect, team, *stock)
    return found


def make_chats(rng: random.Random, now: datetime, customers: tuple[Customer, ...]) -> tuple[Chat, ...]:
    """Each written dialogue a few times with other choices; the newest two are still open."""
    stock = scenes.dialogues()
    order = [dialogue for _ in range(CHATS // len(stock) + 1) for dialogue in rng.sample(stock, len(stock))][
        :CHATS
    ]
    people = rng.sample([customer for customer in customers if customer.has_account], 3 * CHATS)
    moments = spread(rng, now - timedelta(hours=6), CHATS, growth=2)
    chats = []
    for place, (dialogue, at) in enumerate(zip(order, moments, strict=True)):
        customer = next(person for person in people if person.joined_at < at)
        people.remove(customer)
        chats.append(_chat(rng, now, f"w{place + 1:03d}", dialogue, customer, at, is_open=place >= CHATS - 2))
    return tuple(chats)


def _chat(
    rng: random.Random,
    now: datetime,
    key: str,
    dialogue: scenes.Dialogue,
    customer: Customer,
    at: datetime,
    *,
    is_open: bool,
) -> Chat:
    agent = AGENTS[TEAMS.get(dialogue.aspect, "客服")]
    called = next(person.name[-2:] for person in STAFF if person.key == agent)
    lines = []
    for by_customer, text in (
        dialogue.lines[: max(3, len(dialogue.lines) // 2)] if is_open else dialogue.lines
    ):
        if LATER.match(text):
            at = answer_after(rng, at, 500)
        said = fill_in(rng, text, at, customer.city).replace("小<客服>", called)
        lines.append(ChatLine(by_customer, said, min(at, now)))
        at += timedelta(seconds=rng.randint(8, 45) if by_customer else rng.randint(25, 110))
    return Chat(
        key, customer.key, agent, dialogue.subject, dialogue.aspect, dialogue.angry, not is_open, tuple(lines)
    )


def make_cases(
    rng: random.Random,
    now: datetime,
    topics: tuple[Topic, ...],
    chats: tuple[Chat, ...],
    customers: tuple[Customer, ...],
) -> tuple[Case, ...]:
    """Complaints with their course: most solved and rated, the newest open or waiting for somebody."""
    drafts = [
        *_from_topics(topics, now - timedelta(hours=8)),
        *_from_chats(chats),
        *_from_forms(rng, now, customers),
    ]
    drafts.sort(key=lambda draft: draft.at)
    return tuple(_worked_on(rng, now, f"k{place:03d}", draft) for place, draft in enumerate(drafts, 1))


@dataclass(frozen=True, slots=True)
class _Draft:
    customer: str
    kind: str
    source: str | None
    title: str
    text: str
    aspect: str
    at: datetime


def _from_topics(topics: tuple[Topic, ...], before: datetime) -> list[_Draft]:
    """What was opened as a case by hand; what came later is for whoever sits at the desk."""
    return [
        _Draft(
            topic.opener.author,
            "topic",
            topic.key,
            topic.title,
            topic.opener.text,
            ASPECT_OF_SCENE[topic.scene],
            topic.opener.at,
        )
        for topic in topics
        if topic.opener.mood == "!" and topic.scene in ASPECT_OF_SCENE and topic.opener.at < before
    ]


def _from_chats(chats: tuple[Chat, ...]) -> list[_Draft]:
    texts = case_texts()
    return [
        _Draft(
            chat.customer,
            "chat",
            chat.key,
            chat.subject,
            chat.lines[0].text,
            chat.aspect if chat.aspect in texts else "客服",
            chat.lines[0].at,
        )
        for chat in chats
        if chat.angry and int(chat.key[1:]) % 3 != 0
    ]


def _from_forms(rng: random.Random, now: datetime, customers: tuple[Customer, ...]) -> list[_Draft]:
    """Complaints by the form, among the first 300 customers, who were all there from the start."""
    texts = list(case_texts().values())
    count = FORM_CASES + FRESH_CASES
    people = rng.sample([customer for customer in customers[:300] if customer.has_account], count)
    moments = spread(rng, now - timedelta(hours=5), FORM_CASES, growth=2)
    moments += [now - timedelta(minutes=minutes) for minutes in (170, 95, 40, 12)]
    drafts = []
    for place, (customer, at) in enumerate(zip(people, moments, strict=True)):
        stock = texts[place % len(texts)]
        text = stock.complaint[place // len(texts) % len(stock.complaint)]
        title = stock.title[0] if place < len(texts) else text.split("，")[0][:24]
        drafts.append(
            _Draft(customer.key, "form", None, title, text, stock.aspect, max(at, customer.joined_at))
        )
    return drafts


def _worked_on(rng: random.Random, now: datetime, key: str, draft: _Draft) -> Case:
    """The course of one complaint up to now: seen within minutes, solved within days, rated by three in four."""
    stock = case_texts()[draft.aspect]
    answered = answer_after(rng, draft.at, 14)
    solved = answer_after(rng, answered, 60 * 14)
    if draft.at > now - timedelta(days=2) and rng.random() < 0.7:
        solved = now + timedelta(days=1)
    rated = answer_after(rng, solved, 60 * 6)
    waiting = draft.at > now - timedelta(hours=4)
    score, _, comment = rng.choice(stock.rating).partition("｜")
    return Case(
        key=key,
        customer=draft.customer,
        source_kind=draft.kind,
        source=draft.source,
        title=draft.title,
        text=draft.text,
        aspect=draft.aspect,
        team=stock.team,
        agent=None if waiting else AGENTS[stock.team],
        priority=2 if "过敏" in draft.text or "嘴唇" in draft.text else 1 if draft.kind == "chat" else 0,
        opened_at=draft.at,
        first_reply_at=answered if answered < now and not waiting else None,
        first_reply=fill_in(rng, rng.choice(stock.reply), draft.at, ""),
        note=rng.choice(stock.note),
        solved_at=solved if solved < now and not waiting else None,
        solution=rng.choice(stock.solution),
        root_cause=rng.choice(stock.cause),
        satisfaction=(
            Satisfaction(int(score), comment, rated)
            if rated < now and not waiting and rng.random() < 0.75
            else None
        ),
    )
