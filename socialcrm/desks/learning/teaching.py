"""Learn a layer from the corrections, in the worker: slow and outside the transaction, giving way to what is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from ...database import transaction
from ...reacting import give_way
from ...sentiment.learning.actions import (
    ask_for_layer,
    fail_version,
    keep_taught,
    learning_is_due,
    note_progress,
)
from ...sentiment.learning.events import LayerAsked
from ...sentiment.learning.lessons import Lesson
from ...sentiment.learning.queries import (
    CorrectionFigures,
    Told,
    brand_with,
    correction_figures,
    left_alone,
    own_aspects,
    own_words,
    told_by_staff,
    unfinished_version,
    version_by_id,
)
from ...sentiment.learning.wording import brand_of
from ..texts import texts_of

if TYPE_CHECKING:
    # SciPy, which only the one process that learns shall load.
    from ...sentiment.learning.training import Taught

log = structlog.get_logger()


@dataclass(frozen=True)
class Learned:
    """What a version learned, and the corrections that there were; `taught` is None when learning itself went wrong."""

    version_id: int
    taught: Taught | None
    figures: CorrectionFigures


def learn(events: Sequence[LayerAsked]) -> list[Learned]:
    """Learn what each event asks for; before the transaction. A version that was finished meanwhile is left out."""
    return [_learn(event.version_id) for event in events if _is_open(event.version_id)]


def _is_open(version_id: int) -> bool:
    version = version_by_id(version_id)
    return version is not None and version.state in ("waiting", "training")


def _learn(version_id: int) -> Learned:
    from ...sentiment.learning.training import teach

    figures = correction_figures()
    try:
        lessons = lessons_of(told_by_staff())
        alone = left_alone()
        texts = texts_of((each.subject, each.subject_id) for each in alone)
        taught = teach(
            lessons,
            [(text.text, text.channel) for text in texts.values()],
            brand_with(own_words(), own_aspects(), None) or brand_of((), ()),
            version_id,
            lambda percent: _breathe(version_id, percent),
        )
    except Exception:
        log.exception("learning_failed", version=version_id)
        return Learned(version_id, None, figures)
    return Learned(version_id, taught, figures)


def lessons_of(told: Sequence[Told]) -> list[Lesson]:
    """What staff said, with the texts it was said of; texts that are gone teach nothing."""
    texts = texts_of((each.subject, each.subject_id) for each in told)
    return [
        Lesson(
            each.opinion_id,
            texts[each.subject, each.subject_id].text,
            each.channel,
            each.polarity,
            each.complaint,
            each.aspects,
            each.spans,
            each.shown_by,
        )
        for each in told
        if (each.subject, each.subject_id) in texts
    ]


def _breathe(version_id: int, percent: int) -> None:
    with transaction():
        note_progress(version_id, percent)
    give_way()


def keep_learned(learned: Sequence[Learned]) -> None:
    """Store what was learned; inside transaction()."""
    for each in learned:
        version = version_by_id(each.version_id)
        assert version is not None
        if each.taught is None:
            fail_version(version)
        else:
            keep_taught(version, each.taught, each.figures.newest_id, each.figures.count)


def learn_when_due() -> int:
    """The daily job: ask for a layer when enough corrections are new or some that were used are gone; returns how many."""
    with transaction():
        if unfinished_version() is not None or not learning_is_due():
            return 0
        ask_for_layer(None)
    return 1
