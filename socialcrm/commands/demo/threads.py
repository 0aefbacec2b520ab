"""The demo's groups and the conversations in them."""

import random
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, cycle

from socialcrm.commands.demo import scenes
from socialcrm.commands.demo.brand import STAFF
from socialcrm.commands.demo.people import CHEN_JING, LI_NA, WANG_QIANG, customer_key
from socialcrm.commands.demo.rhythm import answer_after, spread
from socialcrm.commands.demo.voices import fill_in, speak, suits
from socialcrm.commands.demo.world import Customer, Group, Post, Reaction, Topic


@dataclass(frozen=True, slots=True)
class GroupPlan:
    key: str
    texts: str
    name: str
    kind: str
    access: str
    share: float  # of the people with an account
    voices: tuple[str, ...]  # who is likelier to be in
    description: str
    rules: tuple[str, ...]
    lean: float = 1.5  # how much likelier those voices are to join
    opened_by: str | None = None  # the voice that opens topics here


COMMON_RULES = ("对人客气，对豆子随便批评", "不发广告和二维码，出闲置请去同城群", "别人的照片和聊天不外传")
PLANS = (
    GroupPlan(
        "g-tasting",
        "tasting",
        "咖啡品鉴交流",
        "产品兴趣群",
        "public",
        0.62,
        ("老手", "新手", "随性"),
        "一支豆子，十个人喝出十种味道。说你喝到的，不用说对的。",
        (*COMMON_RULES, "说风味请顺手写上粉量、水温和研磨，别人才好照着试"),
    ),
    GroupPlan(
        "g-brewing",
        "brewing",
        "手冲入门小组",
        "产品兴趣群",
        "public",
        0.5,
        ("新手", "学生", "老手"),
        "从第一次堵住开始，到第一次冲平为止。没有笨问题。",
        (*COMMON_RULES, "回答新手请说人话，少甩术语", "一次只改一个变量，改完回来说一声"),
    ),
    GroupPlan(
        "g-new",
        "newproducts",
        "新品尝鲜团",
        "产品兴趣群",
        "public",
        0.44,
        ("上班族", "学生", "宝妈"),
        "新豆、新包装、新器具先到这里。好喝夸两句，不好喝直说。",
        (*COMMON_RULES, "批评请说清楚是哪一批，方便我们去查"),
    ),
    GroupPlan(
        "g-knowledge",
        "knowledge",
        "咖啡知识研习社",
        "行业知识群",
        "public",
        0.3,
        ("老手", "店主", "随性"),
        "产地、处理、烘焙、风味：把一杯咖啡往前追几步。",
        (*COMMON_RULES, "转述资料请写出处，自己的体会请写明是体会"),
    ),
    GroupPlan(
        "g-shops",
        "shopkeepers",
        "小店主夜谈",
        "行业知识群",
        "request",
        0.14,
        ("店主",),
        "开店的、想开店的、开过店的，打烊以后聊聊。",
        (*COMMON_RULES, "说到钱请说真数，不想说可以不说", "不拉人加盟"),
        lean=7,
        opened_by="店主",
    ),
    GroupPlan(
        "g-city",
        "city",
        "同城换豆与探店",
        "生活服务群",
        "public",
        0.4,
        ("随性", "宝妈", "新手"),
        "半包豆子换半包豆子，顺便认识半个朋友。",
        (*COMMON_RULES, "换豆写清烘焙日期和开封日期", "见面约在人多的白天"),
    ),
    GroupPlan(
        "g-office",
        "office",
        "打工人续命茶水间",
        "生活服务群",
        "public",
        0.52,
        ("上班族", "学生"),
        "上班前、开会后、加班时，来接杯水说两句。",
        (*COMMON_RULES, "可以吐槽工作，不点公司和人的名字"),
    ),
    GroupPlan(
        "g-help",
        "aftersales",
        "售后与配送互助",
        "生活服务群",
        "public",
        0.36,
        ("上班族", "宝妈", "新手"),
        "快递、破损、退换、积分：先在这里问一声，客服和老朋友都在。",
        (*COMMON_RULES, "别贴完整单号和手机号，客服会私信你", "解决了回来说一声，后来的人用得上"),
    ),
)

REACTIONS = {
    "+": ("like", "like", "like", "same"),
    "!": ("same", "same", "same", "like", "useful"),
    "?": ("same", "useful", "like"),
    ".": ("like", "like", "useful", "useful", "same"),
}
# Group → (scene, opener) of its newest topics, and how many minutes ago each was opened: some to be glad about, and
# complaints that somebody at the service desk is to find still waiting.
FRESH = {
    "g-tasting": {("雾起风味", 0): 190},
    "g-brewing": {("闷蒸手法", 2): 150},
    "g-new": {("随行杯", 0): 215},
    "g-city": {("带娃喝咖啡", 1): 80},
    "g-office": {("家里人", 1): 165},
    "g-help": {("质量问题", 0): 235, ("物流慢", 0): 140, ("客服态度", 0): 100},
}
#: What everybody talked of on one day: scene and opener → how many days ago; it begins after lunch and goes fast.
ON_A_DAY = {"g-help": {("暴雨停运", 0): 4}}
AFTER_LUNCH = (14, 10)
TRIES = 60  # draws before anybody at all may speak


def make_groups(rng: random.Random, now: datetime, customers: tuple[Customer, ...]) -> tuple[Group, ...]:
    """Eight groups; 李娜 and 王强 are in 咖啡品鉴交流, 陈静 is in none."""
    return tuple(_group(rng, now, customers, plan) for plan in PLANS)


def _group(rng: random.Random, now: datetime, customers: tuple[Customer, ...], plan: GroupPlan) -> Group:
    cast = {customer_key(LI_NA), customer_key(WANG_QIANG)} if plan.key == "g-tasting" else set()
    outsider = customer_key(CHEN_JING)
    members = []
    for customer in customers:
        share = min(1.0, plan.share * (plan.lean if customer.voice in plan.voices else 0.75))
        wanted = customer.key in cast or rng.random() < share
        if wanted and customer.has_account and customer.key != outsider and "community" in customer.consents:
            joined = customer.joined_at + timedelta(minutes=rng.lognormvariate(5, 2))
            members.append((customer, min(joined, now - timedelta(hours=1))))
    elders = sorted(members[:60], key=lambda member: -member[0].activity)
    leader = customer_key(LI_NA) if cast else elders[0][0].key
    moderators = tuple(member.key for member, _ in elders[:3] if member.key != leader)[:2]
    return Group(
        key=plan.key,
        name=plan.name,
        kind=plan.kind,
        description=plan.description,
        rules=plan.rules,
        access=plan.access,
        leader=leader,
        moderators=moderators,
        members=tuple((member.key, joined) for member, joined in members),
    )


class _Room:
    """A group while its talk is being written: who may speak from when."""

    def __init__(self, group: Group, plan: GroupPlan, people: dict[str, Customer]) -> None:
        self.group, self.plan, self.people = group, plan, people
        by_joining = sorted(group.members, key=lambda member: member[1])
        self.present = [people[key] for key, _ in by_joining]
        self.joined = [joined for _, joined in by_joining]
        self.reach = list(accumulate(customer.activity for customer in self.present))

    def anyone(
        self, rng: random.Random, text: str, at: datetime, without: set[str], voice: str | None = None
    ) -> Customer:
        """A member who was there at the time and might say this; busy people likelier than quiet ones."""
        there = bisect_left(self.joined, at)
        for _ in range(TRIES):
            somebody = self.present[
                bisect_left(self.reach, rng.random() * self.reach[there - 1], hi=there - 1)
            ]
            if somebody.key in without or not suits(text, somebody):
                continue
            if voice in (None, somebody.voice):
                return somebody
        return rng.choice([somebody for somebody in self.present[:there] if somebody.key not in without])


class _Deck:
    """Cards dealt one after another, shuffled again when all were used: no remark comes twice soon."""

    def __init__(self, rng: random.Random, cards: tuple[str, ...]) -> None:
        self.next = cycle(rng.sample(cards, len(cards))).__next__


def make_topics(
    rng: random.Random, now: datetime, customers: tuple[Customer, ...], groups: tuple[Group, ...]
) -> tuple[Topic, ...]:
    """All topics of all groups in the order in which they were opened, each a finished conversation."""
    people = {customer.key: customer for customer in customers}
    remarks = {mood: _Deck(rng, lines) for mood, lines in scenes.remarks().items()}
    topics: list[Topic] = []
    for group, plan in zip(groups, PLANS, strict=True):
        room = _Room(group, plan, people)
        fresh, dated = FRESH.get(plan.key, {}), ON_A_DAY.get(plan.key, {})
        drafts = _in_varied_order(rng, scenes.scenes(plan.texts), [*dated, *fresh])
        moments = spread(rng, now - timedelta(hours=5), len(drafts) - len(dated) - len(fresh), growth=1.8)
        moments += [_after_lunch(now, back) for back in dated.values()]
        moments += [now - timedelta(minutes=minutes) for minutes in fresh.values()]
        for (scene, index), at in zip(drafts, moments, strict=True):
            topics.append(_topic(rng, now, room, scene, index, at, remarks))
    topics.sort(key=lambda topic: topic.opener.at)
    return tuple(_numbered(topic, number) for number, topic in enumerate(topics, 1))


def _after_lunch(now: datetime, days_ago: int) -> datetime:
    """The early afternoon of a day before, in the brand's zone."""
    hour, minute = AFTER_LUNCH
    return (now - timedelta(days=days_ago)).replace(hour=hour, minute=minute, second=0)


def _in_varied_order(
    rng: random.Random, stock: tuple[scenes.Scene, ...], last: list[tuple[str, int]]
) -> list[tuple[scenes.Scene, int]]:
    """Every opener once; those of one scene lie far apart, those named in `last` at the end."""
    rounds = max(len(scene.openers) for scene in stock)
    order: list[tuple[scenes.Scene, int]] = []
    for turn in range(rounds):
        batch = [
            (scene, turn) for scene in stock if turn < len(scene.openers) and (scene.name, turn) not in last
        ]
        rng.shuffle(batch)
        if order and batch and batch[0][0] is order[-1][0]:
            batch.append(batch.pop(0))
        order += batch
    named = {scene.name: scene for scene in stock}
    ends = [(named[name], turn) for name, turn in last]
    if ends and order[-1][0] is ends[0][0]:
        order.insert(0, order.pop())
    return order + ends


def _chosen(rng: random.Random, scene: scenes.Scene, index: int) -> list[scenes.Exchange]:
    """The exchanges of this topic: its own, its part of the shared ones, and now and then one more.

    The brand's answer stands in the middle, when some have spoken.
    """
    own = [exchange for exchange in scene.exchanges if exchange.openers == {index}]
    shared = [exchange for exchange in scene.exchanges if len(exchange.openers) != 1]
    part = [exchange for place, exchange in enumerate(shared) if _falls_to(exchange, place, scene) == index]
    rest = [
        exchange for exchange in shared if exchange not in part and index in (exchange.openers or {index})
    ]
    talk = own + part + rng.sample(rest, min(len(rest), rng.choices((0, 1, 2, 3), (2, 4, 5, 4))[0]))
    rng.shuffle(talk)
    by_brand = [exchange for exchange in talk if exchange.lines[0].speaker == "staff"]
    by_members = [exchange for exchange in talk if exchange not in by_brand]
    half = (len(by_members) + 1) // 2
    return by_members[:half] + by_brand[:1] + by_members[half:]


def _falls_to(exchange: scenes.Exchange, place: int, scene: scenes.Scene) -> int:
    """Which opener's topic surely has this shared exchange: they are dealt round."""
    fitting = sorted(exchange.openers or range(len(scene.openers)))
    return fitting[place % len(fitting)]


def _topic(
    rng: random.Random,
    now: datetime,
    room: _Room,
    scene: scenes.Scene,
    index: int,
    at: datetime,
    remarks: dict[str, _Deck],
) -> Topic:
    opener = scene.openers[index]
    author = room.anyone(rng, opener.title + opener.body, at, set(), room.plan.opened_by)
    body = speak(rng, fill_in(rng, opener.body, at, author.city), author.voice, opener.mood)
    first = Post("p0", author.key, body, at, opener.mood, (), None, ())
    thread = _Thread(rng, now, room, author, [first])
    if (scene.name, index) in ON_A_DAY.get(room.group.key, {}):
        thread.pace = 9
    for exchange in _chosen(rng, scene, index):
        thread.add_exchange(exchange)
        if rng.random() < 0.17:
            thread.add_remark(remarks[opener.mood if rng.random() < 0.9 else "."].next())
    posts = thread.with_reactions()
    return Topic(
        key="",
        group=room.group.key,
        scene=scene.name,
        title=fill_in(rng, opener.title, at, author.city),
        opener=posts[0],
        replies=tuple(posts[1:]),
        pinned=scene.name == "群友自我介绍" and index == 0,
    )


class _Thread:
    """A conversation growing in time; it stops where the present begins."""

    def __init__(
        self, rng: random.Random, now: datetime, room: _Room, author: Customer, posts: list[Post]
    ) -> None:
        self.rng, self.now, self.room, self.author, self.posts = rng, now, room, author, posts
        self.spoke: list[str] = [author.key]
        self.clock = posts[0].at
        self.pace: float = rng.choice((12, 25, 45, 90, 160))
        self.going_on = now - posts[0].at < timedelta(hours=5)
        if self.going_on:
            self.pace = 14

    def add_exchange(self, exchange: scenes.Exchange) -> None:
        """The lines of an exchange, each answering the one before; people answered are mentioned now and then."""
        if exchange.lines[0].speaker == "staff" and self.going_on:
            return  # the brand has not seen it yet
        self.clock = answer_after(self.rng, self.clock, self.pace)
        at, previous, within = self.clock, None, set[str]()
        for line in exchange.lines:
            if at > self.now:
                return
            speaker, voice, city = self._speaker(line, at, within)
            text = fill_in(self.rng, line.text, at, city)
            if line.speaker != "staff":
                text = speak(self.rng, text, voice, line.mood)
            self._say(speaker, text, at, line.mood, previous)
            within.add(speaker)
            previous = self.posts[-1]
            at = answer_after(self.rng, at, 9)

    def add_remark(self, text: str) -> None:
        """A passing remark by somebody who has not spoken here yet."""
        at = answer_after(self.rng, self.clock, self.pace / 2)
        if at > self.now:
            return
        speaker = self.room.anyone(self.rng, text, at, set(self.spoke))
        said = speak(self.rng, fill_in(self.rng, text, at, speaker.city), speaker.voice, ".")
        self._say(speaker.key, said, at, ".", None)

    def _speaker(self, line: scenes.Line, at: datetime, within: set[str]) -> tuple[str, str, str]:
        if line.speaker == "author":
            return self.author.key, self.author.voice, self.author.city
        if line.speaker == "staff":
            return (
                self.rng.choice([person.key for person in STAFF if person.role in ("agent", "manager")]),
                "",
                "",
            )
        # Somebody already in the talk comes back once in a while, but nobody answers themselves.
        without = within | ({self.author.key} if not within else {self.author.key, self.posts[-1].author})
        if self.rng.random() < 0.85:
            without |= set(self.spoke)
        somebody = self.room.anyone(self.rng, line.text, at, without)
        return somebody.key, somebody.voice, somebody.city

    def _say(self, author: str, text: str, at: datetime, mood: str, previous: Post | None) -> None:
        mentions: tuple[str, ...] = ()
        if previous is not None and previous.author in self.room.people and self.rng.random() < 0.3:
            mentions = (previous.author,)
            text = f"@{self.room.people[previous.author].nickname} {text}"
        answers = previous.key if previous is not None else None
        self.posts.append(Post(f"p{len(self.posts)}", author, text, at, mood, mentions, answers, ()))
        self.spoke.append(author)

    def with_reactions(self) -> list[Post]:
        """The posts in order of time, with what others left under them."""
        ordered = [self.posts[0], *sorted(self.posts[1:], key=lambda post: post.at)]
        return [self._reacted(post, 9 if place == 0 else 2) for place, post in enumerate(ordered)]

    def _reacted(self, post: Post, usual: int) -> Post:
        count = min(int(self.rng.expovariate(1 / usual)), 40)
        by: dict[str, Reaction] = {}
        for _ in range(count):
            at = answer_after(self.rng, post.at, 240)
            if at > self.now:
                continue
            person = self.room.anyone(self.rng, "", at, {post.author})
            by[person.key] = Reaction(person.key, self.rng.choice(REACTIONS[post.mood]), at)
        reactions = tuple(sorted(by.values(), key=lambda reaction: reaction.at))
        return replace(post, reactions=reactions)


def _numbered(topic: Topic, number: int) -> Topic:
    """The same topic under its final key; its posts' keys begin with it."""
    key = f"t{number:03d}"
    posts = [
        replace(post, key=f"{key}-{post.key}", answers=f"{key}-{post.answers}" if post.answers else None)
        for post in topic.posts
    ]
    return replace(topic, key=key, opener=posts[0], replies=tuple(posts[1:]))
