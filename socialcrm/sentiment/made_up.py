"""Short texts made from templates for training: negations that turn a word, and the dry turns of a service chat."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from socialcrm.sentiment.lexicon import Entry, default_lexicon

NEGATIVE, POSITIVE, NEUTRAL = 0, 1, 2
_SEED = 20261122

_NEGATED = {
    1: """{s}不{w} {s}一点都不{w} {s}并不{w} 没觉得{w} {s}不太{w} {s}不是很{w} {s}谈不上{w} 算不上{w} {s}不够{w} {s}从来没有{w}过
        {s}不怎么{w} 完全没有{w}的感觉 说不上{w} {s}根本不{w} 没有那么{w} {s}没有想象中{w} 不会觉得{w} 很难让人觉得{w}""",
    -1: """{s}不{w} {s}一点都不{w} {s}并不{w} {s}没有{w} {s}没{w} {s}从来没有{w}过 {s}完全不{w} {s}没有出现{w} 不会{w}
        {s}一点也没有{w} {s}没有任何{w} 并非{w} 没有觉得{w} {s}毫不{w} 不用担心{w} 不存在{w}""",
}
_PLAIN = "{s}{w} {s}很{w} 真的{w} {s}太{w}了 不得不说{w} {s}非常{w} 居然这么{w} {s}{w}，不是一般的{w}"
_WORDS = 1200
_SUBJECTS = "东西 味道 服务 质量 物流 包装 房间 这家店 客服 衣服 屏幕 价格 咖啡 效果 老板 环境 手机"


def negations(seed: int = _SEED, each: int = 4) -> list[tuple[str, int]]:
    """(text, label) pairs in which a negation turns a polar word of the lexicon, and plain ones beside them."""
    chance = random.Random(seed)  # noqa: S311
    subjects = [*_SUBJECTS.split(), *[""] * 9]
    made = []
    words = [each for each in sorted(default_lexicon().entries.items()) if _is_plainly_polar(*each)]
    for word, entry in chance.sample(words, min(_WORDS, len(words))):
        sign = 1 if entry.polarity > 0 else -1
        for template in chance.sample(_NEGATED[sign].split(), each):
            made.append((template.format(s=chance.choice(subjects), w=word), int(sign < 0)))
        for template in chance.sample(_PLAIN.split(), each // 2):
            made.append((template.format(s=chance.choice(subjects), w=word), int(sign > 0)))
    return made


def _is_plainly_polar(word: str, entry: Entry) -> bool:
    is_phrase = any(each in word for each in "不没无未太很最非真") or len(word) > 4
    is_word = (
        abs(entry.polarity) >= 1.5
        and not is_phrase
        and not entry.cues
        and not entry.negate
        and not entry.degree
    )
    return is_word and all("\u4e00" <= each <= "\u9fff" for each in word)


_THINGS = "杯子 壶 磨豆机 豆子 滤纸 手冲壶 咖啡机 保温杯 挂耳 礼盒 耳机 手机壳 面膜 乳液 洗发水 裙子 外套 鞋子 床单 电饭煲 书 牛奶 水果 蛋糕"
_NUMBERS = "2 3 5 12 15 18 20 60 85 90 92 93 100 200 250 500"
_PLACES = "浦东新区 朝阳区 西湖区 南山区 公司前台 楼下驿站 学校南门 菜鸟驿站"
_TIMES = "今天 明天 昨天 周六 下周一 上午 下午三点 晚上八点 前天 这周"

# What a customer asks or says in passing, without an opinion: alternatives stand in braces' lists above.
_ASKED = """发票怎么开 可以开发票吗 几点开门 几点关门 周末营业吗 {t}多少钱 {t}还有货吗 有没有{t} {t}怎么用 {t}怎么清洗 {t}有几种颜色 {t}是什么材质的
    {t}保质期多久 {t}有小包装吗 {t}可以定制吗 {t}和上一款有什么区别 {t}要多少天才到 {t}用什么快递寄 哪款{t}适合新手 {t}买{n}个有优惠吗 优惠券在哪里领 优惠券怎么用
    积分怎么兑换 会员怎么升级 运费多少 满多少包邮 能送到{p}吗 可以自提吗 地址能改成{p}吗 可以换个颜色吗 {d}能到吗 {d}有活动吗 什么时候补货 什么时候有活动
    什么时候发货 预计什么时候到 怎么退换 怎么申请售后 退货地址是哪里 支持分期吗 可以货到付款吗 有线下门店吗 门店在哪里 停车方便停哪里 需要预约吗 要带证件吗
    {n}度的水可以吗 一次放{n}克够吗 尺码怎么选 身高一米{n}穿什么码 这个是浅烘还是深烘 适合什么肤质 怎么联系人工 客服几点上班 订单号在哪里看 怎么修改订单"""
_ASKING = "请问{a} 想问下{a} 问一下{a} 你好，{a} 您好请问{a} 在吗，{a} 亲，{a} {a} 麻烦问下{a} 老师，{a} 请教一下，{a} 我想知道{a} 你好想咨询一下{a}"
_SAID = """我一般用{n}度的水 我一般{n}克冲{n}毫升 我要{n}个{t} 我想买{t} 我拍了{n}个{t} 我是{d}下单的 我{d}过来拿 {d}送到{p}就行 地址改成{p} 收货地址是{p}
    订单号是20{n}11{n} 手机尾号{n}{n} 我用的是{t} 我先看看{t} 我问问家里人 我回去试试 我再想想 已经付款了 刚拍下 已经下单了 先这样 我换成{t}吧 要{n}毫升的 白色的就行
    放{p}就可以 发顺丰吧 {d}再联系 我在{p} 我住{p} 我是第一次买{t} 给同事带的 送朋友的 两个人用 大概{n}个 一共{n}件 水温{n}度 磨细一点的那种 {t}一个，{t}两个"""
_ACKNOWLEDGED = """好的 好的谢谢 好的，谢谢 嗯 嗯嗯 哦哦 收到 知道了 明白了 了解 行 可以 那行 好，我看看 稍等 等一下 我看一下 在吗 在不在 你好 您好 有人吗 哈喽 早上好 在的
    是的 对 对的 不是 没有了 不用了谢谢 先不用 那就这样 回头再说 麻烦了 辛苦了 好嘞 ok"""
_ENDS = "|。|，谢谢|~|哈|呀|，在吗"
_TOLD = "{a} {a} {a} 你好，{a} 嗯，{a}"
# The same openings before something that is wrong, or right: an opening must not make a complaint neutral.
_COMPLAINED = """我的{t}到手就是碎的 {t}收到就是坏的 {t}打开就漏了 {t}刚到就裂了 {t}寄过来就少了一件 {t}发错了 {t}用一次就坏了 {t}到货就是破的 {t}拆开全洒了 {t}缺了零件
    为什么还不发货 怎么还没发货 怎么还没到 到底什么时候发货 到底什么时候能到 {d}就说发货到现在没动静 等了{n}天还没收到 退款怎么还没到账 为什么没人回复 怎么一直没人理我
    {t}有股怪味 {t}过期了 {t}跟图片完全不一样 {t}一直掉色 {t}根本用不了 为什么扣了我两次钱 答应的赠品没有发 优惠券根本用不了 说好{d}到又没到 换过来的{t}还是坏的"""
_PRAISED = """{t}很好用 {t}收到了，很喜欢 {t}特别好看 {t}比想象中好 上次买的{t}家里人都说好 {t}质量不错 包装很用心 发货真快 {t}已经推荐给朋友了 {t}很满意，下次还来 客服很耐心 问题解决了，谢谢"""
_OPENED = "你好,{a} 你好，{a} 您好，{a} 在吗？{a} 请问{a} {a} 亲，{a} {a}，麻烦看下 客服你好，{a} 哈喽，{a}"


def service_turns(seed: int = _SEED) -> list[tuple[str, int]]:
    """(text, label) pairs of a service chat: enquiries and remarks are neutral, complaints and praise are not."""
    chance = random.Random(seed)  # noqa: S311
    ends = _ENDS.split("|")
    made = {text + end: NEUTRAL for text in _ACKNOWLEDGED.split() for end in ends}
    made |= {text + chance.choice(ends): NEUTRAL for text in _filled(chance, _SAID.split(), _TOLD.split(), 8)}
    made |= {
        text + chance.choice(["", "？", "?", "呢", "呀"]): NEUTRAL
        for text in _filled(chance, _ASKED.split(), _ASKING.split(), 10)
    }
    made |= {
        text + chance.choice(["", "", "？", "！"]): NEGATIVE
        for text in _filled(chance, _COMPLAINED.split(), _OPENED.split(), 8)
    }
    made |= {
        text + chance.choice(["", "", "！", "~"]): POSITIVE
        for text in _filled(chance, _PRAISED.split(), _OPENED.split(), 8)
    }
    return list(made.items())


def _filled(
    chance: random.Random, sentences: Sequence[str], openings: Sequence[str], each: int
) -> Iterator[str]:
    """Every sentence `each` times behind a chosen opening, its gaps filled by chance."""
    gaps = {"t": _THINGS, "n": _NUMBERS, "p": _PLACES, "d": _TIMES}
    for sentence in sentences:
        for _ in range(each):
            text = chance.choice(openings).format(a=sentence)
            for name, words in gaps.items():
                while f"{{{name}}}" in text:
                    text = text.replace(f"{{{name}}}", chance.choice(words.split()), 1)
            yield text
