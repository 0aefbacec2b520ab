"""What pages, jobs and the scoring read of a brand's words, layers, corrections and re-scorings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from ...accounts.models import Account
from ...database import db
from ...settings import Setting, define
from ..brand import Brand
from ..engine import Channel
from ..model import default_model
from ..models import Correction, OpinionRow
from .layer import Layer, unpacked
from .models import BrandAspect, BrandWord, LayerVersion, Rescoring
from .wording import AspectWords, OwnWord, brand_of

PAGE = 30
#: How many texts with corrections a layer learns from, the newest first; and how many that nobody corrected.
MOST_LESSONS, MOST_LEFT_ALONE = 1500, 300

# A random mark that changes with every change of words, aspects or the layer in use; processes compare it.
REVISION = "sentiment.brand_revision"
define(REVISION, "")
# The schedule learns a layer when so many corrections are new.
define("sentiment.learn_from", 20)


class _Kept:
    """The brand as this process last read it, by its revision: one value, since several threads read and keep it."""

    now: tuple[str, Brand | None] = ("", None)


def brand_in_force() -> Brand | None:
    """The brand's words, aspects and layer as of now, in every process at once; None when there is nothing of it.

    One look at a row per call, everything else only after a change: ask once per batch of texts.
    """
    value = db.session.scalar(select(Setting.value).where(Setting.name == REVISION))
    revision = str(value["value"]) if value else ""
    known, brand = _Kept.now
    if revision != known or not revision:
        brand = brand_with(own_words(), own_aspects(), _active_layer()) if revision else None
        _Kept.now = revision, brand
    return brand


def brand_with(words: Sequence[OwnWord], aspects: Sequence[AspectWords], layer: Layer | None) -> Brand | None:
    """The brand of these parts; its `version` is the same whenever the parts are. A layer for another engine is left out."""
    if layer is not None and layer.base != default_model().version:
        layer = None
    if not words and not aspects and layer is None:
        return None
    version = "" if layer is None else f"+l{layer.number}"
    if words or aspects:
        said = repr((sorted(map(repr, words)), sorted(map(repr, aspects))))
        version += f"+w{hashlib.sha256(said.encode()).hexdigest()[:6]}"
    return brand_of(words, aspects, layer, version)


def version_in_force() -> str:
    """What a text read now is marked with as its `model_version`."""
    brand = brand_in_force()
    return default_model().version + (brand.version if brand else "")


# Words and aspects


def word_rows() -> list[BrandWord]:
    """The brand's words by meaning and word; there are at most `actions.MOST_WORDS`."""
    return list(db.session.scalars(select(BrandWord).order_by(BrandWord.meaning, BrandWord.word)))


def aspect_rows() -> list[BrandAspect]:
    """The brand's aspects by name; there are at most `actions.MOST_ASPECTS`."""
    return list(db.session.scalars(select(BrandAspect).order_by(BrandAspect.name)))


def own_words() -> list[OwnWord]:
    """The brand's words as the engine takes them."""
    return [OwnWord(row.word, row.meaning, row.strength) for row in word_rows()]


def own_aspects() -> list[AspectWords]:
    """The brand's aspects as the engine takes them."""
    return [AspectWords(row.name, tuple(row.words), tuple(row.examples)) for row in aspect_rows()]


# Layers


def active_version() -> LayerVersion | None:
    """The version in use."""
    return db.session.scalar(select(LayerVersion).where(LayerVersion.active))


def is_stale(version: LayerVersion | None) -> bool:
    """Whether a version was learned on another engine than the one that reads now, so that it does not apply."""
    return version is not None and version.base != default_model().version


def is_any_accepted() -> bool:
    """Whether there is a version that could be in use."""
    return bool(
        db.session.scalar(select(select(LayerVersion.id).where(LayerVersion.state == "accepted").exists()))
    )


def newest_learned() -> LayerVersion | None:
    """The newest version that was learned to its end, used or refused."""
    learned = select(LayerVersion).where(LayerVersion.state.in_(("accepted", "refused")))
    return db.session.scalar(learned.order_by(LayerVersion.id.desc()).limit(1))


def version_by_id(version_id: int) -> LayerVersion | None:
    """One version."""
    return db.session.get(LayerVersion, version_id)


def layer_of_version(version_id: int | None) -> Layer | None:
    """The layer that a version holds; None for none."""
    row = db.session.scalar(
        select(LayerVersion).where(LayerVersion.id == version_id).options(undefer(LayerVersion.layer))
    )
    return replace(unpacked(row.layer), base=row.base) if row is not None and row.layer else None


def _active_layer() -> Layer | None:
    return layer_of_version(db.session.scalar(select(LayerVersion.id).where(LayerVersion.active)))


def brands_of_versions(*version_ids: int | None) -> list[Brand | None]:
    """The brand as it would read with each version's layer (None: with no layer) and the words of now."""
    words, aspects = own_words(), own_aspects()
    return [brand_with(words, aspects, layer_of_version(version_id)) for version_id in version_ids]


def versions_page(before_id: int | None = None) -> list[tuple[LayerVersion, Account | None]]:
    """Versions with who asked for them, newest first."""
    query = (
        select(LayerVersion, Account)
        .outerjoin(Account, Account.id == LayerVersion.made_by_id)
        .order_by(LayerVersion.id.desc())
        .limit(PAGE)
    )
    if before_id is not None:
        query = query.where(LayerVersion.id < before_id)
    return [(version, account) for version, account in db.session.execute(query)]


def unfinished_version() -> LayerVersion | None:
    """The version that is being learned."""
    return db.session.scalar(select(LayerVersion).where(LayerVersion.state.in_(("waiting", "training"))))


# Corrections


def corrections_page(
    *, before_id: int | None = None, after_id: int | None = None, limit: int = PAGE
) -> list[tuple[Correction, OpinionRow, Account]]:
    """Corrections with the opinion each is about and who gave it; newest first, or oldest first after an id."""
    query = (
        select(Correction, OpinionRow, Account)
        .join(OpinionRow, OpinionRow.id == Correction.opinion_id)
        .join(Account, Account.id == Correction.account_id)
        .limit(limit)
    )
    if after_id is not None:
        query = query.where(Correction.id > after_id).order_by(Correction.id)
    else:
        query = query.order_by(Correction.id.desc())
    if before_id is not None:
        query = query.where(Correction.id < before_id)
    return [(correction, opinion, account) for correction, opinion, account in db.session.execute(query)]


def correction_by_id(correction_id: int) -> Correction | None:
    """One correction."""
    return db.session.get(Correction, correction_id)


@dataclass(slots=True)
class Told:
    """What staff say of one text, the newest of each thing; the text itself lies in its own area."""

    opinion_id: int
    subject: str
    subject_id: int
    channel: Channel
    polarity: str | None = None
    complaint: bool | None = None
    aspects: dict[str, str] = field(default_factory=dict)
    #: Aspect → where the text says so, [start, end), if it was marked.
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: Where it shows the polarity, likewise.
    shown_by: tuple[int, int] | None = None

    def hear(self, what: str, aspect: str | None, value: str, span: tuple[int, int] | None) -> None:
        """Take in one correction; called oldest first."""
        if what == "polarity":
            self.polarity, self.shown_by = value, span
        elif what == "complaint":
            self.complaint = value == "yes"
        elif aspect is not None:
            self.aspects[aspect] = value
            self.spans.pop(aspect, None)
            if span is not None:
                self.spans[aspect] = span


def told_by_staff(limit: int = MOST_LESSONS) -> list[Told]:
    """The texts corrected last, with what counts of their corrections; oldest text first."""
    newest = (
        select(Correction.opinion_id)
        .where(Correction.withdrawn_at.is_(None))
        .group_by(Correction.opinion_id)
        .order_by(func.max(Correction.id).desc())
        .limit(limit)
    )
    rows = db.session.execute(
        select(
            Correction.opinion_id,
            OpinionRow.subject,
            OpinionRow.subject_id,
            OpinionRow.channel,
            Correction.what,
            Correction.aspect,
            Correction.value,
            Correction.span_start,
            Correction.span_end,
        )
        .join(OpinionRow, OpinionRow.id == Correction.opinion_id)
        .where(Correction.withdrawn_at.is_(None), Correction.opinion_id.in_(newest))
        .order_by(Correction.id)
    )
    told: dict[int, Told] = {}
    for row in rows:
        one = Told(row.opinion_id, row.subject, row.subject_id, cast(Channel, row.channel))
        span = None if row.span_start is None else (row.span_start, row.span_end)
        told.setdefault(row.opinion_id, one).hear(row.what, row.aspect, row.value, span)
    return [told[key] for key in sorted(told)]


def left_alone(limit: int = MOST_LEFT_ALONE) -> list[Told]:
    """The texts said last that nobody corrected: by when they were said, since an import comes in one kind after another."""
    corrected = select(Correction.opinion_id).where(Correction.opinion_id == OpinionRow.id)
    rows = db.session.execute(
        select(OpinionRow.id, OpinionRow.subject, OpinionRow.subject_id, OpinionRow.channel)
        .where(~corrected.exists())
        .order_by(OpinionRow.at.desc(), OpinionRow.id.desc())
        .limit(limit)
    )
    return [Told(row.id, row.subject, row.subject_id, cast(Channel, row.channel)) for row in rows]


@dataclass(frozen=True, slots=True)
class CorrectionFigures:
    """Corrections that count, how many of them came after the newest version's, and whether some it used are gone."""

    count: int
    newest_id: int
    new: int
    gone: int


def correction_figures() -> CorrectionFigures:
    """What the overview shows and the schedule decides by."""
    last = db.session.execute(
        select(LayerVersion.newest_correction_id, LayerVersion.corrections)
        .where(LayerVersion.state.in_(("accepted", "refused")))
        .order_by(LayerVersion.id.desc())
        .limit(1)
    ).one_or_none()
    newest_used, used = last or (0, 0)
    valid = Correction.withdrawn_at.is_(None)
    count, newest, new = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.max(Correction.id), 0),
            func.count().filter(Correction.id > newest_used),
        ).where(valid)
    ).one()
    return CorrectionFigures(count, newest, new, max(used - (count - new), 0))


# Re-scoring


def unfinished_rescoring() -> Rescoring | None:
    """The re-scoring under way."""
    return db.session.scalar(select(Rescoring).where(Rescoring.state.in_(("texts", "people"))))


def rescoring_by_id(rescoring_id: int) -> Rescoring | None:
    """One re-scoring."""
    return db.session.get(Rescoring, rescoring_id)


def rescorings_page(before_id: int | None = None) -> list[Rescoring]:
    """Re-scorings, newest first."""
    query = select(Rescoring).order_by(Rescoring.id.desc()).limit(PAGE)
    if before_id is not None:
        query = query.where(Rescoring.id < before_id)
    return list(db.session.scalars(query))


def outdated_texts(version: str) -> int:
    """How many stored opinions were given by another version than `version`."""
    return db.session.scalar(select(func.count()).where(OpinionRow.model_version != version)) or 0


def outdated_after(after_id: int, last_id: int, version: str, limit: int) -> list[OpinionRow]:
    """The next opinions of another version, by id."""
    return list(
        db.session.scalars(
            select(OpinionRow)
            .where(OpinionRow.id > after_id, OpinionRow.id <= last_id, OpinionRow.model_version != version)
            .order_by(OpinionRow.id)
            .limit(limit)
        )
    )


def writers_after(customer_id: int, limit: int) -> list[int]:
    """The next customers of whose texts there are opinions, by id."""
    return list(
        db.session.scalars(
            select(OpinionRow.customer_id)
            .where(OpinionRow.customer_id > customer_id)
            .distinct()
            .order_by(OpinionRow.customer_id)
            .limit(limit)
        )
    )


def opinions_of_writers(customer_ids: Sequence[int]) -> dict[int, list[OpinionRow]]:
    """Customer id → the opinions on the texts of each, oldest text first."""
    found: dict[int, list[OpinionRow]] = {}
    query = select(OpinionRow).where(OpinionRow.customer_id.in_(customer_ids))
    for row in db.session.scalars(query.order_by(OpinionRow.at, OpinionRow.id)):
        assert row.customer_id is not None
        found.setdefault(row.customer_id, []).append(row)
    return found


def opinions_since(
    since: datetime, before_id: int | None, limit: int, *, chats: bool = True
) -> list[OpinionRow]:
    """Opinions on texts said since, newest stored first; without `chats` on posts only."""
    query = select(OpinionRow).where(OpinionRow.at >= since).order_by(OpinionRow.id.desc()).limit(limit)
    if not chats:
        query = query.where(OpinionRow.subject == "post")
    if before_id is not None:
        query = query.where(OpinionRow.id < before_id)
    return list(db.session.scalars(query))
