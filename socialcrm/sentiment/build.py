"""Build the artefact and its model card from folders of labelled texts. Training time only.

Experts trained on all folds but one score that one; from such scores come the calibration, the join with the rules and the
figures. The experts that are kept then learn from all texts and take calibration and join over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment import artefact, aspect_finding, aspect_training, model
from socialcrm.sentiment import heads as further
from socialcrm.sentiment.aspects import columns
from socialcrm.sentiment.card import KNOWN_FAILURES, SOURCES, figures
from socialcrm.sentiment.corpus import folds_of, load_polarity, split
from socialcrm.sentiment.joining import Unseen, fit_join, hard_ones, scored, together
from socialcrm.sentiment.material import Material, gather
from socialcrm.sentiment.measures import auc
from socialcrm.sentiment.model import SAID, Model, packed
from socialcrm.sentiment.training import FEATURES, SEED, train_experts

FOLDS = 4
HELD_OUT = 0.08  # where one split must do: of the domains that are left when one is left out
#: The further heads that can be trained anew upon an older artefact.
GROUPS = ("mood", "dialogue", "aspects")
Tell = Callable[[str], None]


def expected_steps(only: Collection[str], left_out: Sequence[Path]) -> int:
    """How many lines of progress a training tells: all of it, or `only` some groups; and of domains `left_out` in turn."""
    heads = {"mood": 6, "dialogue": 1, "aspects": 2 * len(set(columns().values())) + 2}
    experts = 0 if only else 4 + 2 * FOLDS
    domains = {each.domain for each in load_polarity(left_out)}
    return experts + sum(heads[name] for name in only or GROUPS) + 3 * len(domains) + bool(domains)


def build(
    folders: Sequence[Path], tell: Tell, features: int = FEATURES
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) for `model.save`; raises ValueError when the folders hold no labelled text."""
    examples = load_polarity(folders)
    if not examples:
        raise ValueError("no TSV with columns text and label in the folders given")
    tell(f"counting the n-grams of {len(examples):,} texts")
    material = gather(examples)
    folds = [_scored_fold(number, material, tell, features) for number in range(FOLDS)]
    tell("joining experts and rules out of fold, and measuring")
    join = fit_join(together([own for own, _, _ in folds]), together([hard for _, hard, _ in folds]))
    measured = _cross_fitted_figures(folds)
    experts = train_experts(material, tell, features)
    card: dict[str, Any] = {
        "version": "",
        "experts": list(experts.domains),
        "expert_channels": list(experts.channels),
        "calibration": join.steps,
        "texts": {name: sum(each.domain == name for each in examples) for name in experts.domains},
        "split": f"{FOLDS} folds, each read by experts trained on the others, seed {SEED}",
        "figures": measured,
        "sources": SOURCES,
        "known_failures": KNOWN_FAILURES,
    }
    base = artefact.Base(*artefact.of_experts(experts), join.trees)
    return _with_heads(folders, base, {}, card, GROUPS, tell)


#: The texts of one fold, the challenge's tuning half and its testing half, as experts trained on the other folds score them.
Fold = tuple[Unseen, Unseen, Unseen]


def _scored_fold(number: int, material: Material, tell: Tell, features: int) -> Fold:
    dealt = folds_of([(each.domain, each.label) for each in material.examples], FOLDS, SEED)
    rest = [each for each, own in zip(material.examples, dealt, strict=True) if own != number]
    there = [each for each, own in zip(material.examples, dealt, strict=True) if own == number]
    experts = train_experts(material.of(rest), tell, features)
    known = material.domains, material.channels
    return (
        scored(experts, there, *known),
        hard_ones(experts, "tune", *known),
        hard_ones(experts, "test", *known),
    )


def refit(
    base: Path, folders: Sequence[Path], only: Collection[str], tell: Tell
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) of the artefact at `base` with the heads of the groups `only` trained anew, all else as it was."""
    card = model.load(base).card
    parts, kept = artefact.read(base, card["heads"])
    return _with_heads(folders, parts, kept, card, only, tell)


def leave_one_out(folders: Sequence[Path], tell: Tell, features: int = FEATURES) -> dict[str, Any]:
    """Figures on each domain of a model that never saw that domain; the channel is guessed from the text."""
    examples = load_polarity(folders)
    tell("counting n-grams to leave each domain out in turn")
    material = gather(examples)
    found = {}
    for name in sorted({each.domain for each in examples}):
        rest, held_out = split([each for each in examples if each.domain != name], HELD_OUT, SEED)
        experts = train_experts(material.of(rest), tell, features)
        known = experts.domains, experts.channels
        join = fit_join(scored(experts, held_out, *known), hard_ones(experts, "tune", *known))
        own = [each for each in examples if each.domain == name and each.label != 2]
        scores = join.answers(scored(experts, own, *known), guessed=True)
        found[name] = figures(1 / (1 + np.exp(-scores)), np.array([each.label == 1 for each in own]))
        tell(f"{name} unseen: {found[name]['accuracy']:.1%}")
    return found


def _with_heads(
    folders: Sequence[Path],
    base: artefact.Base,
    kept: dict[str, artefact.Columns],
    card: dict[str, Any],
    groups: Collection[str],
    tell: Tell,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) of `base`, the heads `kept`, and those of `groups` trained anew with all that joins them to the rules."""
    tasks = further.mood_tasks(load_polarity(folders)) if "mood" in groups else []
    dialogues = further.dialogue_task(folders) if "dialogue" in groups else None
    tasks += [dialogues] if dialogues is not None else []
    marked = aspect_finding.marked(folders) if "aspects" in groups else []
    aspect_tasks = aspect_finding.tasks(marked)
    sayings = aspect_training.sayings(folders) if "aspects" in groups else []
    said_tasks = [aspect_training.task(sayings)] if sayings else []
    heads = further.train_heads([*tasks, *aspect_tasks, *said_tasks], tell)
    by_name = {each.name: each for each in heads}
    own = {f"auc_{each.name}": round(auc(by_name[each.name].out_of_fold, each.is_true), 4) for each in tasks}
    clauses = aspect_finding.cut(marked) if marked else None
    clause_heads, flags = (
        aspect_finding.train_clause_heads(clauses, aspect_tasks, tell) if clauses is not None else ([], {})
    )
    weights = kept | {each.name: artefact.of_head(_slim(each)) for each in [*heads, *clause_heads]}
    arrays = artefact.assemble(base, weights)
    card = {**card, "heads": list(weights), "figures": {**card["figures"], **own}}
    if "aspects" in groups:
        card["aspect_clauses"], card["aspect_joints"] = flags, {}
        if clauses is not None:
            own_heads = [by_name[each.name] for each in aspect_tasks]
            card["aspect_joints"] = aspect_finding.joints(aspect_tasks, own_heads, clauses, clause_heads)
    card = {**card, **_joined(folders, heads, Model(packed(arrays), card), tell)}
    return arrays, {**card, "version": artefact.version_of(arrays, card)}


def _slim(head: further.Head) -> further.Head:
    return aspect_training.pruned(head) if head.name == SAID else head


def _joined(
    folders: Sequence[Path], heads: Sequence[further.Head], trained: Model, tell: Tell
) -> dict[str, Any]:
    """What the card says of joining heads with the rules: fitted on the heads' out-of-fold scores, seen by the model `trained`."""
    by_name = {each.name: each for each in heads}
    parts: dict[str, Any] = {}
    if SAID in by_name:
        tell("joining what is said of aspects with the rules")
        items = aspect_training.sayings(folders)
        parts["aspect_said"] = aspect_training.joint(items, by_name[SAID].out_of_fold, trained)
    dialogues = further.dialogue_task(folders)
    if dialogues is not None and further.DISSATISFIED in by_name:
        tell("joining what makes a dialogue dissatisfied")
        own = by_name[further.DISSATISFIED].out_of_fold
        parts["service_joint"] = further.service_joint(dialogues, own, trained)
    return parts


def _cross_fitted_figures(folds: Sequence[Fold]) -> dict[str, Any]:
    """Figures per domain out of fold; calibration and trees are fitted on the other folds each time."""
    hard = together([own for _, own, _ in folds])
    positive, guessed, right = [], [], []
    for number, (unseen, _, test) in enumerate(folds):
        others = [own for place, (own, _, _) in enumerate(folds) if place != number]
        join = fit_join(together(others), hard)
        positive.append(1 / (1 + np.exp(-join.answers(unseen))))
        guessed.append(1 / (1 + np.exp(-join.answers(unseen, guessed=True))))
        right.append((join.answers(test, guessed=True) > 0) == test.is_positive)
    whole = together([unseen for unseen, _, _ in folds])
    truth = whole.is_positive
    of = {name: whole.domain == name for name in whole.experts}
    by_channel_given, by_channel_guessed = np.concatenate(positive), np.concatenate(guessed)
    return {
        "held_out": {name: figures(by_channel_given[own], truth[own]) for name, own in of.items()},
        "guessed": {name: figures(by_channel_guessed[own], truth[own]) for name, own in of.items()},
        "all": figures(by_channel_given, truth),
        "challenge_test": _challenge_figures(folds[0][2].domain, np.mean(right, axis=0)),
    }


def _challenge_figures(phenomena: NDArray[np.str_], right: NDArray[np.float64]) -> dict[str, float]:
    """Share of right answers by phenomenon, of `right` [sentences] as a mean over the folds."""
    is_negation = np.char.find(phenomena, "negation") >= 0
    shares = {"whole": right.mean(), "all_negation": right[is_negation].mean()}
    shares |= {name: right[phenomena == name].mean() for name in dict.fromkeys(phenomena.tolist())}
    return {name: round(float(share), 4) for name, share in shares.items()}
