"""What stands between the experts and the answer: trees that join model and rules, detectors over clauses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from socialcrm.sentiment import aspect_finding, joining
from socialcrm.sentiment.blend import DIRECTIONS, Trees, rule_traits
from socialcrm.sentiment.corpus import folds_of
from socialcrm.sentiment.engine import default_model, see
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.lexicon import default_lexicon
from socialcrm.sentiment.reading import read

TRAITS = len(DIRECTIONS) + len(default_model().experts)
DIRECTED = [place for place, way in enumerate(DIRECTIONS) if way]


@pytest.mark.slow
def test_all_trees_walked_at_once_give_what_the_library_gives() -> None:
    random = np.random.default_rng(4)
    rows = random.normal(size=(600, TRAITS)).astype(np.float32)
    truth = rows[:, 0] + rows[:, 3] * (rows[:, 12] > 0) + random.normal(size=600) > 0
    library = joining._boosted(rows, truth, np.ones(600), len(default_model().experts))
    trees = Trees(joining._fit_trees(rows, truth, np.ones(600), len(default_model().experts)))
    ours = [trees.score(row.tolist()) for row in rows[:200]]
    with threadpool_limits(1):
        assert np.allclose(ours, library.decision_function(rows[:200]), atol=1e-4)
    assert len(set(np.round(ours, 3))) > 100


@given(
    st.lists(st.floats(-8, 8, width=32), min_size=TRAITS, max_size=TRAITS),
    st.sampled_from(DIRECTED),
    st.floats(0, 6, width=32),
)
def test_more_praise_never_lowers_the_answer_and_more_blame_never_raises_it(values, place, more) -> None:
    changed = [*values]
    changed[place] += more * DIRECTIONS[place]
    blend = default_model().blend
    assert blend.score(changed) >= blend.score(values) - 1e-5


def test_the_length_stands_where_the_fit_looks_for_it() -> None:
    text = fold("不是不好吃，就是有点贵").text
    assert rule_traits(len(text), read(text, default_lexicon()))[joining._LENGTH] == len(text)


def test_folds_hold_every_kind_evenly_and_are_seeded() -> None:
    kinds = ["a"] * 10 + ["b"] * 7
    dealt = folds_of(kinds, 4, 1)
    assert dealt == folds_of(kinds, 4, 1) != folds_of(kinds, 4, 2)
    for kind in "ab":
        own = [fold for fold, each in zip(dealt, kinds, strict=True) if each == kind]
        counts = [own.count(number) for number in range(4)]
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    "text", ["物流很快，味道有点淡。包装破了!", "好", "快递小哥态度好，可是盒子压扁了，赠品也少"]
)
def test_a_clause_is_scored_as_its_detector_was_trained(text: str) -> None:
    marked = [aspect_finding.Marked(text, {"配送": True}, None)] * 3
    clauses = aspect_finding.cut(marked)
    model, sight = default_model(), see(text)
    found = model.clause_scores(sight.evidence, [clause.start for clause in sight.reading.clauses])
    heads = model._clause_heads
    weights = np.zeros((len(clauses.keys), len(heads._names)))
    for row, key in enumerate(clauses.keys.tolist()):
        weights[row] = _weights_of(model, key)
    own = clauses.features[: len(sight.reading.clauses)] @ (weights * heads._scales) + heads._intercepts
    assert np.allclose(own, np.array(list(found.values())).T, atol=1e-4)


def _weights_of(model, key: int) -> np.ndarray:
    entry = model.table._slots[key >> 10]
    row = entry >> 11 if (entry ^ key) & 0x7FF == 0 else 0
    return model._clause_weights.of(np.array([row], dtype=np.uint32))[0][: len(model._clause_heads._names)]


def test_a_text_like_nothing_known_is_shared_among_all_experts():
    known = see("房间隔音很差，前台态度也不好，早餐还可以，离地铁站近").evidence.shares
    unknown = see("蹦极绳断了半截").evidence.shares
    assert max(known) > 0.9
    assert max(unknown) < 0.7 and min(unknown) > 0.02
