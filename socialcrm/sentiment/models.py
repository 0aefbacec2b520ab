"""Tables of the sentiment area: one stored opinion per text, its aspects for trends, and what staff corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model

SUBJECTS = ("post", "message")


class OpinionRow(Model):
    """What the engine said of one text; re-scoring replaces it, the text itself stays in its own area."""

    __tablename__ = "opinions"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id"),
        Index("ix_opinions_customer", "customer_id", "at"),
        Index("ix_opinions_place", "place", "place_id", "at"),
        Index("ix_opinions_at", "at", "id"),
        Index("ix_opinions_polarity", "polarity", "at", "id"),
        Index("ix_opinions_version", "model_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: post or message.
    subject: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    #: Where it was said: group or conversation, for trends.
    place: Mapped[str] = mapped_column(String(15))
    place_id: Mapped[int]
    #: post, review or chat: the engine's channel.
    channel: Mapped[str] = mapped_column(String(10))
    polarity: Mapped[str] = mapped_column(String(10))
    #: P(positive).
    probability: Mapped[float]
    complaint: Mapped[float]
    urgency: Mapped[int]
    emotion: Mapped[str] = mapped_column(String(10))
    #: The whole answer (Opinion.to_json()).
    answer: Mapped[dict[str, Any]]
    model_version: Mapped[str] = mapped_column(String(60))
    #: When the text was said.
    at: Mapped[datetime]
    scored_at: Mapped[datetime]


class OpinionAspect(Model):
    """One aspect of an opinion, for trends by aspect."""

    __tablename__ = "opinion_aspects"
    __table_args__ = (
        Index("ix_opinion_aspects_trend", "aspect", "at"),
        Index("ix_opinion_aspects_list", "aspect", "polarity", "at", "opinion_id"),
    )

    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinions.id", ondelete="CASCADE"), primary_key=True)
    aspect: Mapped[str] = mapped_column(String(20), primary_key=True)
    polarity: Mapped[str] = mapped_column(String(10))
    probability: Mapped[float]
    at: Mapped[datetime]


class Correction(Model):
    """What a member of staff said the answer should have been, and why; the newest that was not withdrawn counts."""

    __tablename__ = "opinion_corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinions.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: polarity, aspect or complaint.
    what: Mapped[str] = mapped_column(String(10))
    aspect: Mapped[str | None] = mapped_column(String(20))
    #: negative, neutral, positive; absent (aspect); yes or no (complaint).
    value: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    #: Where the text says so, in the original text, when staff marked it.
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
