"""Build the artefact and its model card from folders of labelled texts. Training time only.

Experts trained on all folds but one score that one; from such scores come the calibration, the join with the rules and the
figures. The experts that are kept then learn from all texts and take calibration and join over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from socialcrm.sentiment import artefact, aspect_finding, aspect_training, cross_fitting, model
from socialcrm.sentiment import heads as further
from socialcrm.sentiment.aspects import columns
from socialcrm.sentiment.card import KNOWN_FAILURES, SOURCES
from socialcrm.sentiment.corpus import load_polarity
from socialcrm.sentiment.cross_fitting import FOLDS, Tell, cross_fitted_figures, scored_folds
from socialcrm.sentiment.joining import fit_join, together
from socialcrm.sentiment.material import gather
from socialcrm.sentiment.measures import auc
from socialcrm.sentiment.model import SAID, Model, packed
from socialcrm.sentiment.training import FEATURES, SEED, train_experts

#: The further heads that can be trained anew upon an older artefact.
GROUPS = ("mood", "dialogue", "aspects")


def expected_steps(only: Collection[str], left_out: Sequence[Path]) -> int:
    """How many lines of progress a training tells: all of it, or `only` some groups; and of domains `left_out` in turn."""
    heads = {"mood": 6, "dialogue": 1, "aspects": 2 * len(set(columns().values())) + 2}
    experts = 0 if only else 4 + FOLDS
    domains = {each.domain for each in load_polarity(left_out)}
    return experts + sum(heads[name] for name in only or GROUPS) + len(domains) + bool(domains)


def build(
    folders: Sequence[Path], tell: Tell, features: int = FEATURES
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, card) for `model.save`; raises ValueError when the folders hold no labelled text."""
    examples = load_polarity(folders)
    if not examples:
        raise ValueError("no TSV with columns text and label in the folders given")
    tell(f"counting the n-grams of {len(examples):,} texts")
    material = gather(examples)
    folds = scored_folds(material, tell, features)
    tell("joining experts and rules out of fold, and measuring")
    hard = [each.sentences for each in folds] + [each.tune for each in folds]
    join = fit_join(together([each.texts for each in folds]), together(hard))
    measured = cross_fitted_figures(folds)
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
    return cross_fitting.leave_one_out(examples, gather(examples), tell, features)


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
