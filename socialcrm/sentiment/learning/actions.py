"""Verbs of teaching the engine: words, aspects, layers, re-scoring. All run inside the caller's transaction()."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from ...accounts.audit import audit
from ...accounts.models import Account
from ...database import db, utcnow
from ...errors import Conflict, Invalid, NotFound
from ...events import announce, bulk_work
from ...settings import change_setting, lock_setting, setting
from ..lexicon import default_lexicon
from ..models import OpinionRow
from .events import LayerAsked, RescoringPieceDue
from .layer import packed
from .models import MEANINGS, BrandAspect, BrandWord, LayerVersion, Rescoring
from .queries import (
    REVISION,
    active_version,
    correction_figures,
    is_any_accepted,
    is_stale,
    newest_learned,
    outdated_texts,
    unfinished_rescoring,
    unfinished_version,
    version_by_id,
    version_in_force,
)
from .wording import AspectWords, OwnWord, folded

if TYPE_CHECKING:
    # SciPy, which only the one process that learns shall load.
    from .training import Taught

MOST_WORDS, MOST_ASPECTS = 2000, 50
_LONGEST_WORD, _MOST_ASPECT_WORDS, _MOST_EXAMPLES, _LONGEST_EXAMPLE = 20, 100, 20, 200


def _changed() -> None:
    """Every process reads the brand again before its next text."""
    change_setting(REVISION, secrets.token_hex(8))


# Words and aspects


def checked_word(word: str, meaning: str, strength: int) -> OwnWord:
    """The word as it would be kept. Invalid `word_missing`, `word_too_long`, `word_too_short`, `meaning_unknown`."""
    kept = folded(word)
    if not kept:
        raise Invalid("word_missing", field="word")
    if len(kept) > _LONGEST_WORD:
        raise Invalid("word_too_long", field="word")
    if len(kept) == 1 and kept.isalnum():
        # A single character stands inside hundreds of words.
        raise Invalid("word_too_short", field="word")
    if meaning not in MEANINGS:
        raise Invalid("meaning_unknown", field="meaning")
    return OwnWord(kept, meaning, 0 if meaning == "neutral" else min(max(strength, 1), 3))


def save_word(acting: Account, word: OwnWord, reason: str = "") -> BrandWord:
    """Keep a checked word, in place of what it meant before. Conflict `too_many_words`."""
    lock_setting(REVISION)
    row = db.session.scalar(select(BrandWord).where(BrandWord.word == word.word))
    if row is None:
        if (db.session.scalar(select(func.count(BrandWord.id))) or 0) >= MOST_WORDS:
            raise Conflict("too_many_words")
        row = BrandWord(word=word.word)
    row.meaning, row.strength, row.reason = word.meaning, word.strength, reason.strip()[:200]
    facts = {"word": word.word, "meaning": word.meaning, "strength": word.strength}
    _keep(row, acting, "save_word", "brand_word", facts)
    return row


def _keep(row: BrandWord | BrandAspect, acting: Account, deed: str, kind: str, facts: dict[str, Any]) -> None:
    row.made_by_id, row.at = acting.id, utcnow()
    db.session.add(row)
    db.session.flush()
    audit(acting, deed, kind, row.id, **facts)
    _changed()


def remove_word(acting: Account, word_id: int) -> None:
    """Take a word out; twice changes nothing."""
    row = db.session.get(BrandWord, word_id)
    if row is None:
        return
    audit(acting, "remove_word", "brand_word", row.id, word=row.word, meaning=row.meaning)
    db.session.delete(row)
    _changed()


def checked_aspect(name: str, words: Sequence[str], examples: Sequence[str]) -> AspectWords:
    """The aspect as it would be kept. Invalid `name_missing`, `name_taken` (one that ships), `aspect_empty`."""
    name = name.strip()[:20]
    if not name:
        raise Invalid("name_missing", field="name")
    if name in default_lexicon().aspects and not words:
        raise Invalid("aspect_empty", field="words")
    own = [each for each in dict.fromkeys(map(folded, words)) if each and len(each) <= _LONGEST_WORD]
    said = [each.strip()[:_LONGEST_EXAMPLE] for each in examples if each.strip()]
    if not own and not said:
        raise Invalid("aspect_empty", field="words")
    return AspectWords(name, tuple(own[:_MOST_ASPECT_WORDS]), tuple(said[:_MOST_EXAMPLES]))


def save_aspect(acting: Account, aspect: AspectWords) -> BrandAspect:
    """Keep a checked aspect, in place of the one with its name. Conflict `too_many_aspects`."""
    lock_setting(REVISION)
    row = db.session.scalar(select(BrandAspect).where(BrandAspect.name == aspect.name))
    if row is None:
        if (db.session.scalar(select(func.count(BrandAspect.id))) or 0) >= MOST_ASPECTS:
            raise Conflict("too_many_aspects")
        row = BrandAspect(name=aspect.name)
    row.words, row.examples = list(aspect.words), list(aspect.examples)
    _keep(row, acting, "save_aspect", "brand_aspect", {"name": aspect.name, "words": row.words})
    return row


def remove_aspect(acting: Account, aspect_id: int) -> None:
    """Take an aspect out; twice changes nothing."""
    row = db.session.get(BrandAspect, aspect_id)
    if row is None:
        return
    audit(acting, "remove_aspect", "brand_aspect", row.id, name=row.name)
    db.session.delete(row)
    _changed()


# Layers


def ask_for_layer(acting: Account | None) -> LayerVersion:
    """Learn a layer in the background; the one that is being learned when there is one. `acting` None: the schedule."""
    lock_setting(REVISION)
    version = unfinished_version()
    if version is not None:
        return version
    version = LayerVersion(made_by_id=acting.id if acting else None, made_at=utcnow(), figures={})
    db.session.add(version)
    db.session.flush()
    audit(acting, "ask_for_layer", "brand_layer", version.id)
    with bulk_work():
        announce(LayerAsked(version.id))
    return version


def learning_is_due() -> bool:
    """Whether enough corrections are new, some that were learned from are gone (withdrawn, or their writer forgotten),
    or the engine below the layer in use is another one and nothing was learned on the new one yet.

    Never while a manager has put all layers out of force: what is learned would be used.
    """
    active, newest = active_version(), newest_learned()
    if active is None and is_any_accepted():
        return False
    figures = correction_figures()
    enough = figures.new >= int(setting("sentiment.learn_from"))
    return enough or figures.gone > 0 or (is_stale(active) and is_stale(newest))


def note_progress(version_id: int, percent: int) -> None:
    """How far a version has come."""
    db.session.execute(
        update(LayerVersion)
        .where(LayerVersion.id == version_id, LayerVersion.state.in_(("waiting", "training")))
        .values(state="training", progress=percent)
    )


def keep_taught(version: LayerVersion, taught: Taught, newest_correction_id: int, corrections: int) -> None:
    """Store what was learned; an accepted layer is used from now on."""
    version.state = "refused" if taught.reason else "accepted"
    version.reason, version.progress, version.finished_at = taught.reason, 100, utcnow()
    version.corrections, version.newest_correction_id = corrections, newest_correction_id
    version.base, version.figures = taught.layer.base, taught.figures()
    if not taught.reason:
        lock_setting(REVISION)
        version.layer = packed(taught.layer)
        _use(version)


def fail_version(version: LayerVersion) -> None:
    """Learning itself went wrong; the layer in use stays."""
    version.state, version.reason, version.finished_at = "failed", "failed", utcnow()


def use_version(acting: Account, version_id: int | None) -> None:
    """Use an accepted version from now on, or none. NotFound, Conflict `version_not_accepted`."""
    lock_setting(REVISION)
    if version_id is None:
        db.session.execute(update(LayerVersion).where(LayerVersion.active).values(active=False))
        audit(acting, "use_no_layer", "brand_layer", None)
        _changed()
        return
    version = version_by_id(version_id)
    if version is None:
        raise NotFound
    if version.state != "accepted":
        raise Conflict("version_not_accepted")
    _use(version)
    audit(acting, "use_layer", "brand_layer", version.id)


def _use(version: LayerVersion) -> None:
    db.session.flush()
    db.session.execute(
        update(LayerVersion)
        .where(LayerVersion.active, LayerVersion.id != version.id)
        .values(active=False)
        .execution_options(synchronize_session="fetch")
    )
    version.active = True
    db.session.flush()
    _changed()


# Re-scoring


def start_rescoring(acting: Account | None) -> Rescoring:
    """Read every outdated text again, in the last lane; the run under way when there is one."""
    lock_setting(REVISION)
    run = unfinished_rescoring()
    if run is not None:
        return run
    last_id = db.session.scalar(select(func.max(OpinionRow.id))) or 0
    run = Rescoring(
        total=outdated_texts(version_in_force()),
        last_id=last_id,
        made_by_id=acting.id if acting else None,
        at=utcnow(),
    )
    db.session.add(run)
    db.session.flush()
    audit(acting, "start_rescoring", "rescoring", run.id, texts=run.total)
    with bulk_work():
        announce(RescoringPieceDue(run.id, 0))
    return run


def cancel_rescoring(acting: Account, run: Rescoring) -> None:
    """Stop after the piece under way; what was read again stays. A finished run stays finished."""
    if run.state in ("texts", "people"):
        run.state, run.finished_at = "cancelled", utcnow()
        audit(acting, "cancel_rescoring", "rescoring", run.id, read=run.read)
