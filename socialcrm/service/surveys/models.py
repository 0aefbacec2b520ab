"""Tables of surveys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model


class CaseRating(Model):
    """The customer's answer to "how did it go": one per round of solving."""

    __tablename__ = "case_ratings"
    __table_args__ = (
        UniqueConstraint("case_id", "round"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int]
    score: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    #: page or link.
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
