"""Training is deterministic, needs nothing but labelled texts, and its artefact answers."""

import pytest

from socialcrm.sentiment import build, card, cross_fitting, joining, material, model
from socialcrm.sentiment.corpus import Example, challenge, expand, split, written
from socialcrm.sentiment.folding import fold
from socialcrm.sentiment.made_up import negations


@pytest.fixture(scope="module", autouse=True)
def few_sentences_and_folds():
    """A training of seconds: three folds, and the first sentences of two authors."""
    few = [each for author in (0, 1) for each in [own for own in written() if own.author == author][:60]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cross_fitting, "FOLDS", 3)
        patch.setattr(cross_fitting, "_LAST_AUTHOR", 1)
        for place in (material, joining):
            patch.setattr(place, "written", lambda: few)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    items = [(text, label) for part in ("tune", "test") for text, _, label in challenge(part)]
    items += negations(7, each=2)[:200]
    for name, channel, own in (("shop", "review", items[::2]), ("talk", "chat", items[1::2])):
        lines = [f"{text}\t{label}\t{name}\t{channel}" for text, label in own if "\t" not in text]
        (folder / f"{name}.tsv").write_text(
            "\n".join(["text\tlabel\tdomain\tchannel", *lines]) + "\n", encoding="utf-8"
        )
    return folder


def trained(folder, path):
    arrays, card = build.build([folder], lambda _: None, features=1500)
    model.save(path, arrays, card)
    return model.load(path)


@pytest.mark.slow
def test_the_same_texts_give_the_same_bytes(folder, tmp_path):
    first = trained(folder, tmp_path / "first.npz")
    trained(folder, tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    assert first.experts == ("shop", "talk")
    assert first.version.startswith("ngram-experts-") and first.version != model.default_model().version
    assert (
        first.weigh(fold("非常满意，推荐").buffer, None).score
        > first.weigh(fold("垃圾，退货").buffer, None).score
    )
    assert "Known failures" in card.card_markdown(first.card)
    described = card.card_json(first.card)["held_out"]["shop"]
    assert sum(each["n"] for each in described["bins"]) == described["n"]


@pytest.mark.slow
def test_training_some_heads_anew_leaves_all_else_as_it_was(folder, tmp_path):
    first = trained(folder, tmp_path / "first.npz")
    arrays, described = build.refit(tmp_path / "first.npz", [folder], ["mood"], lambda _: None)
    model.save(tmp_path / "again.npz", arrays, described)
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "first.npz").read_bytes()
    assert "neutral" in first.card["heads"]


def test_what_an_author_wrote_is_left_out_with_him():
    examples = [Example(text, label, "shop", "review") for text, _, label in challenge("tune")]
    whole = material.gather(examples)
    rest = whole.of(examples, without=1)
    assert set(whole.author) == {-1, 0, 1} and set(rest.author) == {-1, 0}
    assert (whole.domain[whole.author >= 0] == -1).all()
    assert len(rest.domain) == len(whole.domain) - 60
    assert rest.features.shape[0] == len(rest.weights) == len(rest.domain)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no TSV"):
        build.build([tmp_path], lambda _: None)


def test_a_split_is_seeded_and_keeps_every_item():
    rest, held_out = split(list(range(100)), 0.15, 3)
    assert sorted(rest + held_out) == list(range(100))
    assert len(held_out) == 15
    assert split(list(range(100)), 0.15, 3) == (rest, held_out)


def test_alternatives_of_a_template_advance_together():
    assert expand("{a|b}x{c|d}") == ["axc", "bxd"]
    assert expand("plain") == ["plain"]
