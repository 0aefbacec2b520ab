"""The demo's customers, what they agreed to, and who brought whom."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from socialcrm.commands.demo.rhythm import waking_hour
from socialcrm.commands.demo.scenes import word_lists
from socialcrm.commands.demo.world import Customer, Referral

COUNT = 500
REFERRED = 200  # people who stand somewhere in a referral tree
LI_NA, WANG_QIANG, CHEN_JING = 11, 44, 89  # places of the story's cast, by when they joined

WORDS = word_lists("words")
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
FEMALE = WORDS["female"]
MALE = WORDS["male"]
CITIES = (
    ("上海", "上海", 52),
    ("北京", "北京", 48),
    ("广东", "广州", 34),
    ("广东", "深圳", 38),
    ("浙江", "杭州", 36),
    ("四川", "成都", 36),
    ("江苏", "南京", 26),
    ("湖北", "武汉", 24),
    ("陕西", "西安", 20),
    ("重庆", "重庆", 22),
    ("江苏", "苏州", 18),
    ("湖南", "长沙", 18),
    ("云南", "昆明", 18),
    ("福建", "厦门", 14),
    ("山东", "青岛", 14),
    ("天津", "天津", 10),
    ("辽宁", "沈阳", 9),
    ("河南", "郑州", 12),
    ("安徽", "合肥", 10),
    ("福建", "泉州", 7),
    ("云南", "保山", 6),
    ("云南", "大理", 6),
    ("黑龙江", "哈尔滨", 6),
    ("贵州", "贵阳", 6),
    ("广西", "南宁", 5),
    ("新疆", "乌鲁木齐", 3),
    ("宁夏", "银川", 2),
    ("江西", "景德镇", 4),
)
# voice: share of people, ages, words its nicknames are made of
VOICES: dict[str, tuple[int, tuple[int, int], tuple[str, ...]]] = {
    "老手": (14, (28, 55), ("老豆", "磨豆人", "豆缸", "手冲匠", "滤纸", "杯测勺", "水粉比", "浅烘党")),
    "新手": (22, (20, 45), ("刚入坑", "还在学", "手残", "小白", "第一杯", "刚会闷蒸", "豆豆", "慢慢来")),
    "上班族": (26, (23, 42), ("工位", "早八", "周五", "打工人", "不想开会", "七点半", "续命", "地铁")),
    "宝妈": (12, (26, 40), ("团团妈", "米粒妈", "小满妈", "果果妈", "桃子妈", "汤圆妈", "豆包妈", "年糕妈")),
    "学生": (14, (18, 24), ("图书馆", "早课", "绩点", "宿舍", "期末", "三食堂", "补觉", "自习室")),
    "店主": (6, (27, 52), ("小店", "吧台", "巷口", "出杯", "打烊", "开门", "磨坊", "豆仓")),
    "随性": (6, (22, 65), ("晒太阳", "散步", "种花", "看海", "听雨", "发呆", "骑车", "钓鱼")),
}
PREFIXES = WORDS["prefixes"]
THINGS = WORDS["things"]
BIOS = (
    "",
    "",
    "一天一杯，多了心慌",
    "喝过的豆子比走过的路多",
    "只喝热的",
    "手冲三年，还在堵",
    "咖啡是借口，聊天是真的",
    "喜欢酸的，也喜欢下雨",
    "周末营业，工作日休眠",
    "家有一猫一娃一磨豆机",
    "在<城>，可换豆",
    "慢慢来，比较快",
    "不懂风味，只懂好不好喝",
    "早睡失败第 365 天",
    "店里喝不完的豆子都归我",
)
CHANNELS = {"微信好友": 34, "微信群": 22, "朋友圈": 16, "小红书": 12, "海报扫码": 9, "门店当面": 7}
CONSENT_SHARES = {
    "community": 0.93,
    "profiling": 0.68,
    "marketing_email": 0.22,
    "marketing_sms": 0.27,
    "marketing_push": 0.38,
    "research": 0.17,
}


@dataclass(frozen=True, slots=True)
class ReferralPlan:
    """Who brought whom, by place in the order of joining, and by which channel."""

    referrer: dict[int, int]
    channel: dict[int, str]


def customer_key(place: int) -> str:
    return f"c{place + 1:03d}"


def plan_referrals(rng: random.Random) -> ReferralPlan:
    """A forest over 200 of the 500: everybody's referrer joined before them; some trees are many levels deep."""
    members = sorted({LI_NA, WANG_QIANG, *rng.sample([i for i in range(COUNT) if i != CHEN_JING], REFERRED)})
    members = members[: REFERRED + 2]
    roots = {LI_NA, *[place for place in members if place < 60 and place != WANG_QIANG][:13]}
    depth = dict.fromkeys(roots, 0)
    pull = {place: rng.paretovariate(1.2) for place in members}
    pull[LI_NA] = 30.0
    referrer = {}
    for place in members:
        if place in roots:
            continue
        earlier = [other for other in depth if other < place]
        # People tell friends soon after they came themselves; long chains thin out.
        weights = [
            pull[other] * (0.98 ** (place - other) + 0.05) * 0.55 ** max(0, depth[other] - 3)
            for other in earlier
        ]
        referrer[place] = LI_NA if place == WANG_QIANG else rng.choices(earlier, weights)[0]
        depth[place] = depth[referrer[place]] + 1
    channels = rng.choices(list(CHANNELS), list(CHANNELS.values()), k=len(referrer))
    return ReferralPlan(referrer, dict(zip(referrer, channels, strict=True)))


def make_customers(rng: random.Random, now: datetime, plan: ReferralPlan) -> tuple[Customer, ...]:
    """Five hundred people in the order in which they joined."""
    joined = _joining_moments(rng, now)
    nicknames: set[str] = {"李娜", "王强", "陈静"}
    names: set[str] = {"李娜", "王强", "陈静"}
    cast = {LI_NA: ("李娜", "female"), WANG_QIANG: ("王强", "male"), CHEN_JING: ("陈静", "female")}
    return tuple(
        _customer(rng, place, joined[place], plan, cast.get(place), names, nicknames)
        for place in range(COUNT)
    )


def make_referrals(
    rng: random.Random, customers: tuple[Customer, ...], plan: ReferralPlan
) -> tuple[Referral, ...]:
    """The edges, at the moment the friend signed up."""
    return tuple(
        Referral(customers[by].key, customers[place].key, plan.channel[place], customers[place].joined_at)
        for place, by in sorted(plan.referrer.items())
    )


def _joining_moments(rng: random.Random, now: datetime) -> list[datetime]:
    """A year of sign-ups that grows; the newest came within the last day."""
    moments = []
    for place in range(COUNT):
        days_ago = 360 * (1 - (place + rng.random()) / COUNT) ** 1.25
        moments.append(min(waking_hour(rng, now - timedelta(days=days_ago + 1)), now - timedelta(hours=2)))
    return sorted(moments)


def _customer(
    rng: random.Random,
    place: int,
    joined_at: datetime,
    plan: ReferralPlan,
    cast: tuple[str, str] | None,
    names: set[str],
    nicknames: set[str],
) -> Customer:
    voice = "上班族" if cast else rng.choices(list(VOICES), [share for share, _, _ in VOICES.values()])[0]
    gender = cast[1] if cast else "female" if voice == "宝妈" or rng.random() < 0.55 else "male"
    name = cast[0] if cast else _new_name(rng, gender, names)
    nickname = name if cast else _new_nickname(rng, name, voice, nicknames)
    youngest, oldest = VOICES[voice][1]
    born = joined_at.year - rng.randint(youngest, oldest)
    province, city, _ = rng.choices(CITIES, [share for _, _, share in CITIES])[0]
    has_account = bool(cast) or place in plan.referrer or rng.random() < 0.86
    return Customer(
        key=customer_key(place),
        number=f"SY{100001 + place * 7}",
        name=name,
        nickname=nickname,
        gender=gender,
        birthday=date(born, rng.randint(1, 12), rng.randint(1, 28)),
        province=province,
        city=city,
        phone=f"+86154{place + 1:08d}",
        email=f"member{place + 1:03d}@example.com",
        bio=rng.choice(BIOS).replace("<城>", city),
        voice=voice,
        source=_source(rng, place, plan, has_account),
        joined_at=joined_at,
        has_account=has_account,
        consents=_consents(rng, has_account, bool(cast)),
        activity=min(rng.paretovariate(1.6), 5.0) if has_account else 0.0,
    )


def _source(rng: random.Random, place: int, plan: ReferralPlan, has_account: bool) -> str:
    if place in plan.referrer:
        return "referral"
    return rng.choice(("community", "shop", "store")) if has_account else rng.choice(("shop", "store"))


def _consents(rng: random.Random, has_account: bool, cast: bool) -> frozenset[str]:
    """What each said yes to; a customer of the shop who never signed up was asked nothing but service."""
    if not has_account:
        return frozenset({"service"})
    asked = {purpose for purpose, share in CONSENT_SHARES.items() if rng.random() < share}
    return frozenset({"service", *asked, *({"community", "profiling"} if cast else ())})


def _new_name(rng: random.Random, gender: str, taken: set[str]) -> str:
    given = FEMALE if gender == "female" else MALE
    while True:
        # The commonest surnames stand first.
        name = SURNAMES[min(int(rng.expovariate(1 / 22)), len(SURNAMES) - 1)] + rng.choice(given)
        if name not in taken:
            taken.add(name)
            return name


def _new_nickname(rng: random.Random, name: str, voice: str, taken: set[str]) -> str:
    while True:
        nickname = _nickname(rng, name, voice)
        if nickname not in taken:
            taken.add(nickname)
            return nickname


def _nickname(rng: random.Random, name: str, voice: str) -> str:
    """One of the ways people name themselves: after their name, their day, their cup, or nothing in particular."""
    own, words = name[-1], VOICES[voice][2]
    forms = (
        (16, lambda: name),
        (9, lambda: f"{rng.choice('阿小老')}{own}"),
        (7, lambda: f"{name[1:]}{rng.choice(('呀', '同学', '在喝咖啡', '要早睡', '的早晨', 'Coffee', '_'))}"),
        (13, lambda: f"{rng.choice(words)}{rng.choice(('', '', '的'))}{rng.choice(THINGS)}"),
        (11, lambda: f"{rng.choice(PREFIXES)}{rng.choice(THINGS)}"),
        (
            8,
            lambda: (
                f"{rng.choice(words)}{rng.choice(('小分队', '选手', '本人', '日记', '观察员', '一号', '二号'))}"
            ),
        ),
        (5, lambda: f"{rng.choice(THINGS)}{rng.choice(THINGS)}"),
        (4, lambda: f"{own}{own}{rng.choice(('', '不熬夜', '爱手冲', '睡醒了', '☕', '🐱', '🌿'))}"),
        (
            3,
            lambda: (
                f"{rng.choice(('momo', 'Luna', 'Kevin', 'yoyo', 'Cici', 'Leo', 'Mia', 'Jun'))}{rng.randint(2, 99)}"
            ),
        ),
    )
    return rng.choices(forms, [weight for weight, _ in forms])[0][1]()[:12]
