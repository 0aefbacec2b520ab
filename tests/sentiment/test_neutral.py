"""The dry turns of a service chat are neutral or unsure; the same openings before a complaint are not."""

import pytest

from socialcrm.sentiment.engine import analyse

DRY = {
    "brewing": ["我一般 92 度冲", "我平时用88度泡", "我都是闷蒸30秒", "我习惯先烫一下杯子", "粉水比一比十五"],
    "asking about papers": ["想问下发票怎么开？", "能开专票吗", "抬头可以写公司吗", "电子发票发到哪个邮箱"],
    "asking about hours": ["请问几点开门", "你们中秋放假吗", "最晚几点可以下单", "周日有人值班吗"],
    "asking about goods": [
        "这款有没有大一号的",
        "请问保修几年",
        "有红色的吗",
        "洗碗机能放吗",
        "容量是多少毫升呢",
    ],
    "thanking and closing": ["好的，谢谢", "好，那我等通知", "嗯嗯，收到", "行，知道了", "ok，麻烦你了"],
    "opening": ["在吗", "你好", "有人在吗？", "您好，咨询个事"],
    "telling facts": ["我的会员号是8842", "收件人写王小姐", "我是前天付的款", "寄到单位前台", "我人在杭州"],
    "asking the way": ["你们店在几楼", "地铁几号口出", "附近可以停车吗"],
}
COMPLAINTS = [
    "你好,我的杯子到手就是碎的",
    "在吗，壶嘴一拆开就是断的",
    "请问你们到底什么时候才肯退款",
    "您好，昨天收到的豆子全是受潮的",
    "怎么等了一个礼拜还是没有物流",
    "亲，给我发错型号了",
    "你好，才用两次就不加热了",
]
PRAISE = [
    "你好，昨天收到的杯子很漂亮",
    "在吗，专门来说一声豆子真香",
    "请转告师傅，手艺真好，谢谢",
    "已经收到啦，很满意",
]


@pytest.mark.parametrize("family", DRY)
def test_most_dry_turns_of_every_family_take_no_side(family):
    sided = [text for text in DRY[family] if analyse(text, "chat").polarity in ("negative", "positive")]
    assert len(sided) * 4 <= len(DRY[family]), sided


def test_nine_dry_turns_in_ten_take_no_side():
    texts = [text for family in DRY.values() for text in family]
    sided = [text for text in texts if analyse(text, "chat").polarity in ("negative", "positive")]
    assert len(sided) <= len(texts) / 10, sided


def test_an_opening_does_not_hide_a_complaint():
    found = {text: analyse(text, "chat").polarity for text in COMPLAINTS}
    assert found["你好,我的杯子到手就是碎的"] == "negative"
    assert "positive" not in found.values(), found
    assert list(found.values()).count("negative") * 7 >= 4 * len(found), found


def test_an_opening_does_not_hide_praise():
    found = {text: analyse(text, "chat").polarity for text in PRAISE}
    assert set(found.values()) == {"positive"}, found
