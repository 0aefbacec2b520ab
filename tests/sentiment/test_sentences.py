"""The story's sentence and others like it: polarity, aspects and the words that show them."""

import pytest

from socialcrm.sentiment.engine import analyse

NEG, POS = "negative", "positive"

# text, polarity (None: any), aspect → (polarity, words that the spans must cover), complaint likely (None: any)
SENTENCES = [
    (
        "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。",
        NEG,
        {"配送": (NEG, "没发货"), "客服": (NEG, "不理人"), "包装": (POS, "好看")},
        True,
    ),
    (
        "包装倒是挺好看的，可等了三天还没发货，客服一直不理人，太失望了。",
        NEG,
        {"配送": (NEG, "没发货"), "客服": (NEG, "不理人"), "包装": (POS, "好看")},
        True,
    ),
    ("客服很耐心，就是快递太慢了，等了一周才到", None, {"客服": (POS, "耐心"), "配送": (NEG, "太慢")}, None),
    ("口味没话说，价格也实惠，下次还来", POS, {"口味": (POS, "没话说"), "价格": (POS, "实惠")}, False),
    (
        "这次的豆子很香，但是包装破了，退款拖着不退",
        NEG,
        {"口味": (POS, "香"), "包装": (NEG, "破"), "退换": (NEG, "不退")},
        True,
    ),
    ("物流神速，昨天下单今天就到，包装也很严实，满意！", POS, {"配送": (POS, "神速")}, False),
    (
        "排队两小时，味道却很一般，服务员态度还差",
        NEG,
        {"排队": (NEG, "排队两小时"), "客服": (NEG, "态度还差")},
        None,
    ),
    (
        "环境很安静，咖啡好喝，店员也热情",
        POS,
        {"环境": (POS, "安静"), "口味": (POS, "好喝"), "客服": (POS, "热情")},
        False,
    ),
    ("杯子质量太差，用了两天就坏了，要求退款！", NEG, {"质量": (NEG, "太差")}, True),
    ("怀疑是假货，扫码扫不出来，客服也不回复", NEG, {"真伪": (NEG, "假货"), "客服": (NEG, "不回复")}, True),
    ("价格有点贵，不过质量确实好", POS, {"价格": (NEG, "贵"), "质量": (POS, "好")}, False),
    ("活动套路太深，优惠券根本用不了", NEG, {"活动": (NEG, "套路")}, None),
    ("送了小样，还有优惠券，开心", POS, {"活动": (POS, "送了小样")}, False),
    ("咖啡机操作简单，用起来很顺手", POS, {"使用体验": (POS, "顺手")}, False),
    ("用了三天就过敏了，脸上红肿，太可怕了", NEG, {"使用体验": (NEG, "过敏")}, None),
    ("退货方便，退款很快，客服态度很好", POS, {"退换": (POS, "退货方便"), "客服": (POS, "态度很好")}, False),
    ("不给退货还骂人，黑店！我要投诉", NEG, {"退换": (NEG, "不给退货")}, True),
    ("豆子不新鲜，喝起来又酸又苦", NEG, {"口味": (NEG, "酸")}, None),
    ("快递小哥很有礼貌，送货上门", POS, {"配送": (POS, "送货上门")}, False),
    ("骑手把咖啡洒了一半，包装都湿透了，差评", NEG, {"包装": (NEG, "洒了")}, True),
    ("并不是不好喝，只是太贵了", NEG, {"价格": (NEG, "太贵")}, None),
    ("味道谈不上好喝", NEG, {"口味": (NEG, "好喝")}, None),
    ("没有异味，做工精细", POS, {"质量": (POS, "做工精细")}, False),
    ("要是包装再结实一点就好了", NEG, {}, None),
    ("虽然等了很久，但是味道真的绝绝子", POS, {"口味": (POS, "绝绝子")}, False),
    ("這次的咖啡很好喝，物流也很快，非常滿意", POS, {"口味": (POS, "好喝"), "配送": (POS, "很快")}, False),
    ("Ｇｏｏｄ！性价比高，推荐", POS, {"价格": (POS, "性价比高")}, False),
    ("店里太吵，座位又挤", NEG, {"环境": (NEG, "太吵")}, None),
    ("差", NEG, {}, None),
    ("yyds", POS, {}, False),
    ("踩雷了，快跑", NEG, {}, None),
    ("呵呵，客服真专业，等了三天没人理", NEG, {"客服": (NEG, "没人理")}, True),
    ("不满意", NEG, {}, None),
    ("没毛病，值得回购", POS, {}, False),
    ("赠品没收到，问客服只会自动回复", NEG, {"活动": (NEG, "赠品没收到"), "客服": (NEG, "自动回复")}, None),
    ("杯盖漏了，咖啡洒了一包，找客服没人理", NEG, {"包装": (NEG, "漏了"), "客服": (NEG, "没人理")}, True),
]


@pytest.mark.parametrize(
    ("text", "polarity", "aspects", "complains"), SENTENCES, ids=[row[0][:16] for row in SENTENCES]
)
def test_sentence(text, polarity, aspects, complains):
    opinion = analyse(text)
    if polarity:
        assert opinion.polarity == polarity, opinion
    for name, (expected, words) in aspects.items():
        assert opinion.aspects[name].polarity == expected, (name, opinion.aspects)
        shown = {place for start, end in opinion.aspects[name].spans for place in range(start, end)}
        first = text.index(words)
        assert set(range(first, first + len(words))) <= shown, (name, opinion.aspects[name].spans)
    if complains is not None:
        assert (opinion.complaint >= 0.5) == complains, opinion.complaint


def test_there_are_thirty_sentences_beside_the_storys():
    assert len(SENTENCES) > 30
