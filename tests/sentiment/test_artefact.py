"""The committed model: small, described, quick to import, and SnowNLP never comes along."""

import subprocess
import sys
from importlib.resources import files

from socialcrm.sentiment.engine import analyse, analyse_batch, aspect_names, probability
from socialcrm.sentiment.model import default_model

NAMED_IN_THE_ISSUE = "配送 包装 质量 口味 价格 客服 退换 排队 环境 真伪 使用体验 活动".split()


def test_the_model_is_at_most_five_megabytes():
    assert (files("socialcrm.sentiment") / "data" / "model.npz").stat().st_size <= 5_000_000


def test_the_card_tells_sources_licences_figures_and_failures():
    card = default_model().card
    assert all(each["licence"] for each in card["sources"])
    assert set(card["figures"]["held_out"]) == set(card["experts"])
    assert card["known_failures"] and card["split"]


def test_every_aspect_of_the_issue_is_known():
    assert set(NAMED_IN_THE_ISSUE) <= set(aspect_names())


def test_importing_the_engine_brings_neither_snownlp_nor_scikit_learn():
    code = "import sys, socialcrm.sentiment.engine; print({'snownlp', 'sklearn', 'jieba'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "set()"


def test_the_short_path_and_the_whole_answer_agree():
    for text in (
        "差",
        "物流很快",
        "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。",
        "随便说说" * 2000,
    ):
        for channel in (None, "post", "review", "chat"):
            assert probability(text, channel) == analyse(text, channel).probability


def test_a_batch_is_the_same_as_one_by_one():
    texts = ["差", "好", ""]
    assert analyse_batch(texts, channel="chat") == [analyse(text, channel="chat") for text in texts]
