"""What the demo's world is made of, and the one function that builds it."""

import random
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    slogan: str
    about: str
    color: str  # OKLCH, as the setting wants it


@dataclass(frozen=True, slots=True)
class Staff:
    key: str
    name: str
    email: str
    role: str  # admin | manager | agent | lead
    team: str  # 配送 | 客服 | 品质 | 社群 | 管理
    title: str


@dataclass(frozen=True, slots=True)
class Customer:
    key: str
    number: str  # the shop's own number of this customer
    name: str
    nickname: str
    gender: str  # female | male
    birthday: date
    province: str
    city: str
    phone: str  # +86 154 0000 xxxx: no carrier was ever given this range
    email: str
    bio: str
    voice: str
    source: str
    joined_at: datetime
    has_account: bool
    consents: frozenset[str]  # the purposes said yes to; what is absent was never given
    activity: float  # how much this person writes, relative to the others


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    kind: str  # 产品兴趣群 | 行业知识群 | 生活服务群
    description: str
    rules: tuple[str, ...]
    access: str  # public | request
    leader: str
    moderators: tuple[str, ...]
    members: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Reaction:
    by: str
    kind: str  # like | useful | same
    at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A topic's first text or a reply; `mood` is how it was written (+ ! ? .), not what an engine says of it."""

    key: str
    author: str  # a customer's or a staff member's key
    text: str
    at: datetime
    mood: str
    mentions: tuple[str, ...]
    answers: str | None  # key of the post it replies to, None for a reply to the topic
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    key: str
    group: str
    scene: str
    title: str
    opener: Post
    replies: tuple[Post, ...]
    pinned: bool

    @property
    def posts(self) -> tuple[Post, ...]:
        return (self.opener, *self.replies)


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    name: str
    category: str
    price_cents: int
    description: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    product: str
    quantity: int
    unit_cents: int


@dataclass(frozen=True, slots=True)
class Refund:
    at: datetime
    amount_cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    customer: str
    at: datetime
    lines: tuple[OrderLine, ...]
    channel: str
    refund: Refund | None

    @property
    def total_cents(self) -> int:
        return sum(line.quantity * line.unit_cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class Referral:
    referrer: str
    referred: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatLine:
    by_customer: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Chat:
    key: str
    customer: str
    agent: str
    subject: str
    aspect: str
    angry: bool
    closed: bool
    lines: tuple[ChatLine, ...]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    score: int  # 1–5
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint; `source` is the key of the topic, the post or the chat it came from, or None for the form."""

    key: str
    customer: str
    source_kind: str  # topic | chat | form
    source: str | None
    title: str
    text: str
    aspect: str
    team: str
    agent: str | None
    priority: int  # 0 calm … 2 urgent
    opened_at: datetime
    first_reply_at: datetime | None
    first_reply: str
    note: str
    solved_at: datetime | None
    solution: str
    root_cause: str
    satisfaction: Satisfaction | None


@dataclass(frozen=True, slots=True)
class World:
    now: datetime
    brand: Brand
    staff: tuple[Staff, ...]
    customers: tuple[Customer, ...]
    groups: tuple[Group, ...]
    topics: tuple[Topic, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    referrals: tuple[Referral, ...]
    chats: tuple[Chat, ...]
    cases: tuple[Case, ...]


def build_world(now: datetime, seed: int = 20261122) -> World:
    """The demo's whole world, its last happenings just before `now`.

    `now` must carry a time zone; every time in the result carries the brand's (Asia/Shanghai).
    Equal arguments give equal worlds. Takes well under a second.
    """
    from socialcrm.commands.demo import brand, people, rhythm, service, threads, trade

    now = rhythm.in_brand_time(now)
    rng = random.Random(seed)  # noqa: S311 (a story, nothing secret)
    referrals_plan = people.plan_referrals(rng)
    customers = people.make_customers(rng, now, referrals_plan)
    referrals = people.make_referrals(rng, customers, referrals_plan)
    groups = threads.make_groups(rng, now, customers)
    topics = threads.make_topics(rng, now, customers, groups)
    orders = trade.make_orders(rng, now, customers)
    chats = service.make_chats(rng, now, customers)
    cases = service.make_cases(rng, now, topics, chats, customers)
    return World(
        now=now,
        brand=brand.BRAND,
        staff=brand.STAFF,
        customers=customers,
        groups=groups,
        topics=topics,
        products=trade.PRODUCTS,
        orders=orders,
        referrals=referrals,
        chats=chats,
        cases=cases,
    )
