"""How a person writes: choices filled in, and the small habits of punctuation and signs each kind of person has."""

import random
import re
from datetime import datetime

from socialcrm.commands.demo.scenes import CHOICE
from socialcrm.commands.demo.world import Customer

MONTHS = ("一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月")

# Who would say this: the first word found in a line decides.
SAID_BY = (
    (
        re.compile("我们店|我店里|我的店|我这边十四|老客人|开店的|我们门口|店员.*辞职|新来的小朋友"),
        {"voice": "店主"},
    ),
    (re.compile("娃|哺乳|宝宝|孩子|喂完奶|孕期|产假|生到|我女儿|我儿子"), {"voice": "宝妈"}),
    (re.compile("室友|宿舍|期末|图书馆|早八的课|学生党|食堂"), {"voice": "学生"}),
    (re.compile("我司|公司|同事|加班|工位|领导|茶水间|通勤|办公室"), {"voice": "上班族"}),
    (re.compile("老公|婆婆|男朋友|姐妹|女生手小|白羽绒服|裙子"), {"gender": "female"}),
    (re.compile("老婆|女朋友"), {"gender": "male"}),
    (re.compile("新手|小白|第一次买磨|手残|入坑第"), {"voice": "新手"}),
    (re.compile("三年手冲|老手|十年前|玩了"), {"voice": "老手"}),
)

# voice → chance of a closing sign, and the signs by mood
SIGNS: dict[str, tuple[float, dict[str, tuple[str, ...]]]] = {
    "老手": (0.06, {"+": ("👍",), "!": ("[摊手]",), "?": (), ".": ("[茶]",)}),
    "新手": (
        0.22,
        {"+": ("[耶]", "😋", "🥰"), "!": ("[流泪]", "😭"), "?": ("[捂脸]", "🙏"), ".": ("[偷笑]", "😂")},
    ),
    "上班族": (
        0.16,
        {"+": ("[旺柴]", "☕"), "!": ("[裂开]", "[苦涩]"), "?": ("[思考]",), ".": ("[旺柴]", "🫠")},
    ),
    "宝妈": (
        0.28,
        {"+": ("🥰", "[爱心]", "🌷"), "!": ("[叹气]", "😮‍💨"), "?": ("[抱拳]", "🙏"), ".": ("[笑哭]", "😊")},
    ),
    "学生": (
        0.3,
        {
            "+": ("hhh", "🤤", "✨"),
            "!": ("[裂开]", "😭😭"),
            "?": ("[疑问]", "👀"),
            ".": ("hhh", "🤣", "[doge]"),
        },
    ),
    "店主": (0.05, {"+": ("[握手]",), "!": ("[叹气]",), "?": (), ".": ("[抱拳]",)}),
    "随性": (0.14, {"+": ("🌿", "[太阳]"), "!": ("[叹气]",), "?": ("[疑问]",), ".": ("🍂", "[月亮]")}),
}
# What slips past a phone's keyboard now and then.
SLIPS = (
    ("再试", "在试"),
    ("的时候", "得时候"),
    ("已经", "以经"),
    ("一直", "一只"),
    ("滤纸", "虑纸"),
    ("尝", "常"),
)


def suits(text: str, customer: Customer) -> bool:
    """Whether this person could have said it (nobody speaks of a dormitory at sixty)."""
    for pattern, demand in SAID_BY:
        if pattern.search(text):
            return all(getattr(customer, name) == value for name, value in demand.items())
    return True


def fill_in(rng: random.Random, text: str, at: datetime, city: str) -> str:
    """Make the choices of `{a|b}` and fill the slots."""
    text = CHOICE.sub(lambda found: rng.choice(found[1].split("|")), text)
    month = at.month - 1
    for slot, value in (
        ("<城>", city),
        ("<上月>", MONTHS[month - 1]),
        ("<本月>", MONTHS[month]),
        ("<下月>", MONTHS[(month + 1) % 12]),
    ):
        text = text.replace(slot, value)
    return text


def speak(rng: random.Random, text: str, voice: str, mood: str) -> str:
    """The text the way this kind of person would type it on a phone; numbers, names and sense stay."""
    chance, signs = SIGNS[voice]
    short = len(text) < 40
    if voice == "学生" and short and rng.random() < 0.35:
        text = re.sub(r"，|。(?!$)", " ", text)
    if voice == "宝妈" and short and text[-1] not in "？！～])" and rng.random() < 0.2:
        text += "～"
    elif text[-1] not in "。？！～…）])，、" and not short:
        text += "。"
    if voice in ("学生", "新手") and rng.random() < 0.012:
        wrong = [(right, slip) for right, slip in SLIPS if right in text]
        if wrong:
            text = text.replace(*rng.choice(wrong), 1)
    if signs[mood] and not text.endswith("]") and rng.random() < chance:
        text = f"{text.rstrip('。')}{rng.choice(signs[mood])}"
    return text
