"""Tables of what one brand adds to the engine: its words and aspects, the layers learned, and the re-scoring of old texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model

#: negative, positive: speaks for it; neutral: judges nothing here; complaint: somebody wants something put right.
MEANINGS = ("negative", "positive", "neutral", "complaint")


class BrandWord(Model):
    """A word that means something to this brand; it is added to the shipped ones, or stands for one of them."""

    __tablename__ = "brand_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Folded as the engine folds texts.
    word: Mapped[str] = mapped_column(String(40), unique=True)
    meaning: Mapped[str] = mapped_column(String(10))
    #: 1 slight, 2 clear, 3 strong; 0 for neutral.
    strength: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class BrandAspect(Model):
    """An aspect of the brand's own: words that name it, and sentences that speak of it."""

    __tablename__ = "brand_aspects"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    words: Mapped[list[Any]]
    examples: Mapped[list[Any]]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class LayerVersion(Model):
    """One attempt to learn from corrections: its figures, whether it was accepted, and the layer itself."""

    __tablename__ = "brand_layers"
    __table_args__ = (
        Index(
            "uq_brand_layers_active",
            "active",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )

    #: The version's number, too.
    id: Mapped[int] = mapped_column(primary_key=True)
    #: waiting, training, accepted, refused or failed.
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    active: Mapped[bool] = mapped_column(default=False)
    #: Why it was refused or failed: too_few, no_gain, frozen_falls, held_back_falls, too_broad.
    reason: Mapped[str] = mapped_column(String(40), default="")
    #: None: by schedule.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: 0 … 100 while it trains.
    progress: Mapped[int] = mapped_column(default=0)
    #: How many corrections it learned from, and the newest of them.
    corrections: Mapped[int] = mapped_column(default=0)
    newest_correction_id: Mapped[int] = mapped_column(default=0)
    #: The engine's version it stands on; on another one it does not apply.
    base: Mapped[str] = mapped_column(String(60), default="")
    #: question → {n, before, after}, and the frozen set's, as `learning.acceptance.Figures` gives them.
    figures: Mapped[dict[str, Any]]
    layer: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Rescoring(Model):
    """A round over the stored opinions: every text is read again by the engine in force, piece by piece."""

    __tablename__ = "rescorings"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: texts, people (moods and tags), done, cancelled.
    state: Mapped[str] = mapped_column(String(10), default="texts")
    total: Mapped[int]
    read: Mapped[int] = mapped_column(default=0)
    #: Texts whose polarity changed.
    changed: Mapped[int] = mapped_column(default=0)
    #: People whose mood and tags were derived again.
    people: Mapped[int] = mapped_column(default=0)
    #: The last opinion (while texts) or customer (while people) that is done.
    after_id: Mapped[int] = mapped_column(default=0)
    #: Opinions made later were read by the engine in force anyway.
    last_id: Mapped[int]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
