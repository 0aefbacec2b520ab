"""Build the artefact and its model card from folders of labelled texts. Training time only.

Two rounds: a model that has not seen the held-out texts gives the figures, the calibration and the blend with the
rules; the model that is kept then learns from all texts and takes those over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from socialcrm.sentiment import artefact, aspect_finding, aspect_training, model
from socialcrm.sentiment import heads as further
from socialcrm.sentiment.aspects import columns
from socialcrm.sentiment.card import KNOWN_FAILURES, SOURCES, figures
from socialcrm.sentiment.corpus import Example, challenge, load_polarity, split
from socialcrm.sentiment.material import gather
from socialcrm.sentiment.measures import auc
from socialcrm.sentiment.model import SAID, Model, packed
from socialcrm.sentiment.training import (
    FEATURES,
    SEED,
    Experts,
    Steps,
    blended_scores,
    calibrate,
    fit_blend,
    train_experts,
)

HELD_OUT = 0.15
#: The further heads that can be trained anew upon an older artefact.
GROUPS = ("mood", "dialogue", "aspects")
Tell = Callable[[str], None]


def expected_steps(only: Collection[str], left_out: Sequence[Path]) -> int:
    """How many lines of progress a training tells: all of it, or `only` some groups; and of domains `left_out` in turn."""
    heads = {"mood": 6, "dialogue": 1, "aspects": len(set(columns().values())) + 2}
    experts = 0 if only else 6
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
    rest, held_out = split(examples, HELD_OUT, SEED)
    trial = train_experts(material.of(rest), tell, features)
    tell("calibrating on held-out texts, and measuring")
    steps = calibrate(trial, held_out)
    blend = fit_blend(trial, steps, held_out)
    measured = _cross_fitted_figures(trial, held_out)
    experts = train_experts(material, tell, features)
    card: dict[str, Any] = {
        "version": f"ngram-experts-{SEED}",
        "experts": list(experts.domains),
        "expert_channels": list(experts.channels),
        "calibration": {name: [round(each, 4) for each in step] for name, step in steps.items()},
        "blend": blend,
        "texts": {name: sum(each.domain == name for each in examples) for name in experts.domains},
        "split": f"{HELD_OUT:.0%} held out, seed {SEED}",
        "figures": measured,
        "sources": SOURCES,
        "known_failures": KNOWN_FAILURES,
    }
    parts = artefact.of_experts(experts)
    return _with_heads(folders, parts, {}, card, GROUPS, tell)


def refit(
    base: Path, folders: Sequence[Path], only: Collection[str], tell: Tell
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) of the artefact at `base` with the heads of the groups `only` trained anew, all else as it was."""
    card = model.load(base).card
    experts, gate, kept = artefact.read(base, card["heads"])
    return _with_heads(folders, (experts, gate), kept, card, only, tell)


def leave_one_out(folders: Sequence[Path], tell: Tell, features: int = FEATURES) -> dict[str, Any]:
    """Figures on each domain of a model that never saw that domain; the channel is guessed from the text."""
    examples = load_polarity(folders)
    tell("counting n-grams to leave each domain out in turn")
    material = gather(examples)
    found = {}
    for name in sorted({each.domain for each in examples}):
        rest, held_out = split([each for each in examples if each.domain != name], HELD_OUT / 2, SEED)
        experts = train_experts(material.of(rest), tell, features)
        steps = calibrate(experts, held_out)
        own = [each for each in examples if each.domain == name and each.label != 2]
        texts = [each.text for each in own]
        scores = blended_scores(experts, steps, fit_blend(experts, steps, held_out), texts, [None] * len(own))
        found[name] = figures(1 / (1 + np.exp(-scores)), np.array([each.label == 1 for each in own]))
        tell(f"{name} unseen: {found[name]['accuracy']:.1%}")
    return found


def _with_heads(
    folders: Sequence[Path],
    experts: tuple[artefact.Columns, artefact.Columns],
    kept: dict[str, artefact.Columns],
    card: dict[str, Any],
    groups: Collection[str],
    tell: Tell,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) of experts, the heads `kept`, and those of `groups` trained anew with all that joins them to the rules."""
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
    arrays = artefact.assemble(*experts, weights)
    card = {**card, "heads": list(weights), "figures": {**card["figures"], **own}}
    if "aspects" in groups:
        card["aspect_clauses"], card["aspect_joints"] = flags, {}
        if clauses is not None:
            own_heads = [by_name[each.name] for each in aspect_tasks]
            card["aspect_joints"] = aspect_finding.joints(aspect_tasks, own_heads, clauses, clause_heads)
    return arrays, {**card, **_joined(folders, heads, Model(packed(arrays), card), tell)}


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


def _cross_fitted_figures(trial: Experts, held_out: Sequence[Example]) -> dict[str, Any]:
    """Figures per domain on held-out texts; calibration and blend are fitted on the other half each time."""
    polar = [each for each in held_out if each.label != 2]
    halves = polar[::2], polar[1::2]
    probabilities, truth, domains = [], [], []
    hard = []
    for fitted_on, measured_on in (halves, halves[::-1]):
        steps: Steps = calibrate(trial, fitted_on)
        blend = fit_blend(trial, steps, fitted_on)
        texts, channels = [each.text for each in measured_on], [each.channel for each in measured_on]
        probabilities.append(1 / (1 + np.exp(-blended_scores(trial, steps, blend, texts, channels))))
        truth += [each.label == 1 for each in measured_on]
        domains += [each.domain for each in measured_on]
        hard.append(_challenge_figures(trial, steps, blend))
    positive, is_true, domain = np.concatenate(probabilities), np.array(truth), np.array(domains)
    return {
        "held_out": {
            name: figures(positive[domain == name], is_true[domain == name]) for name in trial.domains
        },
        "all": figures(positive, is_true),
        "challenge_test": {key: round(float(np.mean([each[key] for each in hard])), 4) for key in hard[0]},
    }


def _challenge_figures(trial: Experts, steps: Steps, blend: list[list[float]]) -> dict[str, float]:
    items = challenge("test")
    scores = blended_scores(trial, steps, blend, [text for text, _, _ in items], [None] * len(items))
    right = (scores > 0) == np.array([label == 1 for _, _, label in items])
    names = np.array([phenomenon for _, phenomenon, _ in items])
    by_name = {name: float(right[names == name].mean()) for name in dict.fromkeys(names.tolist())}
    negation = float(right[np.char.find(names, "negation") >= 0].mean())
    return {"whole": float(right.mean()), "all_negation": negation, **by_name}
