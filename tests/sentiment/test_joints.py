"""What joins detectors, rules and the model: what is said of an aspect, and who leaves a dialogue dissatisfied."""

import pytest

from socialcrm.sentiment import aspect_training, service
from socialcrm.sentiment.engine import analyse, dissatisfaction
from socialcrm.sentiment.heads import train_heads
from socialcrm.sentiment.model import default_model

GOOD = ["物流很快，很满意", "快递小哥送货很快", "物流神速，推荐", "发货速度快，好评", "物流给力"]
BAD = ["物流太慢，很失望", "快递慢得要命", "物流龟速，差评", "发货慢，等了很久", "物流真差"]


@pytest.fixture
def folder(tmp_path):
    lines = ["text\t物流\t包装"]
    for number in range(12):
        lines += [f"{text}{number}\t1\t-2" for text in GOOD] + [f"{text}{number}\t-1\t0" for text in BAD]
    (tmp_path / "aspects.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "other.tsv").write_text("text\tlabel\n好\t1\n", encoding="utf-8")
    return tmp_path


def test_sayings_are_the_marks_that_judge(folder):
    items = aspect_training.sayings([folder])
    assert {each.aspect for each in items} == {"配送"}
    assert sum(each.is_positive for each in items) == 60 and len(items) == 120
    first = items[0]
    assert first.is_judged and first.rule > 0 and first.passage


def test_the_joint_learns_from_rules_model_and_head(folder):
    items = aspect_training.sayings([folder])
    head = train_heads([aspect_training.task(items)], lambda line: None)[0]
    joint = aspect_training.joint(items, head.out_of_fold, default_model())
    assert len(joint["weights"]) == 5 and sum(joint["weights"]) > 0
    assert abs(joint["biases"]["配送"]) <= 0.5
    slim = aspect_training.pruned(head)
    assert len(slim.keys) == len(slim.weights) <= len(head.keys)
    assert (slim.keys[1:] > slim.keys[:-1]).all()


def test_an_angry_dialogue_is_more_dissatisfied_than_a_thankful_one():
    angry = "投诉几年都没人处理！\n打电话也不接？\n垃圾客服，再也不用了"
    thankful = "请问怎么充值\n好的明白了\n谢谢，问题解决了"
    assert dissatisfaction(angry) > dissatisfaction(thankful)


def test_the_dialogues_joint_weighs_each_trait():
    model = default_model()
    assert len(model.card["service_joint"]["weights"]) == len(service.traits("", model))


@pytest.mark.parametrize(
    ("text", "emotion", "urgency", "complains"),
    [
        ("宝宝用了脸上起红疹，已经去医院了，请尽快联系我", None, 2, None),
        ("退款一个星期了还没到账，急用钱！", None, 2, True),
        ("外卖洒了一半，骑手还骂人", "愤怒", None, True),
        ("不给退款还骂人，我要投诉", "愤怒", 1, True),
        ("没想到这么好吃，惊喜！", "惊喜", 0, False),
        ("退货很方便，第二天就退款了", "满意", 0, False),
    ],
)
def test_a_service_agent_sees_what_matters(text, emotion, urgency, complains):
    opinion = analyse(text)
    assert emotion in (None, opinion.emotion)
    assert urgency is None or opinion.urgency == urgency
    assert complains is None or (opinion.complaint >= 0.5) == complains
