"""Build the artefact and its model card from folders of labelled texts. Training time only.

Two rounds: a model that has not seen the held-out texts gives the figures, the calibration and the blend with the
rules; the model that is kept then learns from all texts and takes those over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from socialcrm.sentiment import aspect_training
from socialcrm.sentiment import heads as further
from socialcrm.sentiment.card import KNOWN_FAILURES, SOURCES, figures
from socialcrm.sentiment.corpus import Example, challenge, load_polarity, split
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
from socialcrm.sentiment.training import assemble as arrays_of

HELD_OUT = 0.15
Tell = Callable[[str], None]


def build(
    folders: Sequence[Path], tell: Tell, features: int = FEATURES
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) for `model.save`; raises ValueError when the folders hold no labelled text."""
    examples = load_polarity(folders)
    if not examples:
        raise ValueError("no TSV with columns text and label in the folders given")
    rest, held_out = split(examples, HELD_OUT, SEED)
    tell("round 1 of 2: a model for the figures")
    trial = train_experts(rest, tell, features)
    steps = calibrate(trial, held_out)
    blend = fit_blend(trial, steps, held_out)
    measured = _cross_fitted_figures(trial, held_out)
    tell("round 2 of 2: the model that is kept")
    experts = train_experts(examples, tell, features)
    heads, joints, head_figures = _heads(folders, examples, tell)
    card = {
        "version": f"ngram-experts-{SEED}",
        "experts": list(experts.domains),
        "expert_channels": list(experts.channels),
        "calibration": {channel: [round(each, 4) for each in step] for channel, step in steps.items()},
        "blend": blend,
        "heads": [each.name for each in heads],
        "aspect_joints": joints,
        "texts": {name: sum(each.domain == name for each in examples) for name in experts.domains},
        "split": f"{HELD_OUT:.0%} held out, seed {SEED}",
        "figures": {**measured, **head_figures},
        "sources": SOURCES,
        "known_failures": KNOWN_FAILURES,
    }
    arrays = arrays_of(experts, [_slim(each) for each in heads])
    return arrays, {**card, **_joined(folders, heads, Model(packed(arrays), card), tell)}


def leave_one_out(folders: Sequence[Path], tell: Tell, features: int = FEATURES) -> dict[str, Any]:
    """Figures on each domain of a model that never saw that domain; the channel is guessed from the text."""
    examples = load_polarity(folders)
    found = {}
    for name in sorted({each.domain for each in examples}):
        rest, held_out = split([each for each in examples if each.domain != name], HELD_OUT / 2, SEED)
        experts = train_experts(rest, tell, features)
        steps = calibrate(experts, held_out)
        own = [each for each in examples if each.domain == name and each.label != 2]
        texts = [each.text for each in own]
        scores = blended_scores(experts, steps, fit_blend(experts, steps, held_out), texts, [None] * len(own))
        found[name] = figures(1 / (1 + np.exp(-scores)), np.array([each.label == 1 for each in own]))
        tell(f"{name} unseen: {found[name]['accuracy']:.1%}")
    return found


def _heads(
    folders: Sequence[Path], examples: Sequence[Example], tell: Tell
) -> tuple[list[further.Head], dict[str, list[float]], dict[str, Any]]:
    tasks = further.mood_tasks(examples)
    dialogues = further.dialogue_task(folders)
    if dialogues is not None:
        tasks.append(dialogues)
    aspect_tasks = further.aspect_tasks(folders)
    sayings = aspect_training.sayings(folders)
    said_tasks = [aspect_training.task(sayings)] if sayings else []
    heads = further.train_heads([*tasks, *aspect_tasks, *said_tasks], tell)
    by_name = {each.name: each for each in heads}
    joints = further.aspect_joints(aspect_tasks, [by_name[each.name] for each in aspect_tasks])
    figures = {
        f"auc_{task.name}": round(auc(by_name[task.name].out_of_fold, task.is_true), 4) for task in tasks
    }
    return heads, joints, figures


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
