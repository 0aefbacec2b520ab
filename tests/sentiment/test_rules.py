"""What the rules read: patterns of facts, undone praise, irony before and after, passages of aspects, words inside phrases."""

import pytest

from socialcrm.sentiment import aspects
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.reading import read

BAD = [
    "等了三天还没发货",
    "到手就是碎的",
    "穿了一次鞋底就掉了",
    "面里吃出一根头发",
    "一点惊喜都没有",
    "实在喜欢不起来",
    "连食堂都比不上",
    "要是再便宜点就好了",
    "也就那样，谈不上好吃",
    "谢谢商家让我学会了自己修",
    '真是"贴心"啊',
    "呵呵，服务真好",
    "看着漂亮但是一洗就缩水",
    "高兴不起来",
    "隔壁家的又快又便宜",
    "真贴心，床单上还留着头发",
    "恭喜你们成功失去一个老客户，垃圾",
    "差得没话说",
    "早知道就不来了",
    "凭什么让我自己出运费",
    "没有一次不漏汤的",
    "满意？垃圾一个",
]
GOOD = [
    "回购第五次了",
    "用了三年还跟新的一样",
    "没有人不喜欢这个味道",
    "没什么可挑剔的",
    "一点异味都没有",
    "并没有评论里说的那么差",
    "比别家好太多了",
    "别家都没有这家好吃",
    "谁能不爱呢",
    "不咸不淡",
    "希望你们越来越好",
    "还不错，挺好吃的，呵呵",
    "有点贵但是质量好",
    "房间小得很 床特别舒服 服务热情",
    "失望谈不上",
    "别家又慢又贵",
    "气死我了，这么好吃的店现在才发现，好吃到哭",
    "从没吃过这么鲜的鱼",
    "没有一次不准时的",
    "挑不出毛病",
    "早知道这么好用去年就该买",
    "害我胖了三斤，停不下来",
    "下次还来",
    "不挑食了😊",
]


def reading_of(text):
    return read(fold(text).text, default_lexicon())


@pytest.mark.parametrize("text", BAD)
def test_bad_without_a_plainly_bad_word(text):
    assert reading_of(text).score < 0


@pytest.mark.parametrize("text", GOOD)
def test_good_without_a_plainly_good_word(text):
    assert reading_of(text).score > 0


def test_the_lexicon_is_wide():
    assert sum(bool(entry.polarity) for entry in default_lexicon().entries.values()) >= 1500


def test_a_long_phrase_keeps_the_aspect_and_the_complaint_of_the_words_in_it():
    entry = default_lexicon().entries["过敏了"]
    assert entry.aspects["使用体验"] == -1 and entry.complaint > 0


def test_every_pattern_holds_one_of_its_anchors():
    assert all(pattern.anchors for pattern in default_lexicon().patterns)


def test_a_passage_goes_on_in_the_clause_that_names_nothing():
    text = "说到物流嘛，真的太慢，味道很好"
    found = aspects.passages(reading_of(text))
    assert ["".join(text[start:end] for start, end in found["配送"].places)] == ["说到物流嘛，真的太慢，"]
    assert found["配送"].rule < 0 < found["口味"].rule
