"""Tables of the trends: counts by day and by week, what each text added to them, spikes, and the words of products."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Model


class _Counts:
    """How many texts of each polarity."""

    negative: Mapped[int] = mapped_column(default=0)
    neutral: Mapped[int] = mapped_column(default=0)
    positive: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)


class TrendDay(_Counts, Model):
    """A read model: texts of one day of the brand's zone in one cell (see counting.py), by polarity."""

    __tablename__ = "trend_days"
    __table_args__ = (
        Index("ix_trend_days_figures", "aspect", "product_id", "day"),
        Index("ix_trend_days_spikes", "product_id", "day"),
    )

    #: 0: the whole brand. No foreign key: groups belong to an area above.
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: 0: any product or none.
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    #: "": the text as a whole.
    aspect: Mapped[str] = mapped_column(String(20), primary_key=True)


class TermWeek(_Counts, Model):
    """A read model: texts of one week that hold a term, by the polarity of the text."""

    __tablename__ = "term_weeks"
    __table_args__ = (Index("ix_term_weeks_most", "week", "group_id", "texts"),)

    #: Its Monday.
    week: Mapped[date] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    texts: Mapped[int] = mapped_column(default=0)


class CountedText(Model):
    """What one text added to the counts, so that it can be taken out again.

    It may outlive its opinion until the reaction to the opinion's end has come: hence no foreign key. Empty `counted`: the
    text counts nowhere; such rows stay, so that two workers on the same text wait for each other.
    """

    __tablename__ = "counted_texts"

    opinion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted: Mapped[dict[str, Any]]


class TextProduct(Model):
    """A product that a text speaks of."""

    __tablename__ = "text_products"
    __table_args__ = (Index("ix_text_products_list", "product_id", "at", "opinion_id"),)

    opinion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    at: Mapped[datetime]


class TextTerm(Model):
    """A term of a text of the last weeks, so that a phrase opens to its texts."""

    __tablename__ = "text_terms"
    __table_args__ = (
        Index("ix_text_terms_list", "term", "at", "opinion_id"),
        Index("ix_text_terms_at", "at"),
    )

    opinion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class Spike(Model):
    """Days on which an aspect at a place drew more negatives than its past explains; days side by side are one spike."""

    __tablename__ = "spikes"
    __table_args__ = (
        Index("ix_spikes_series", "group_id", "aspect", "last_day"),
        Index("ix_spikes_last_day", "last_day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int]
    aspect: Mapped[str] = mapped_column(String(20))
    first_day: Mapped[date]
    last_day: Mapped[date]
    #: The unlikeliest of its days; the figures below are of that day.
    peak_day: Mapped[date]
    negatives: Mapped[int]
    texts: Mapped[int]
    #: Negatives, and their share, that the past leads to expect on such a day.
    usual: Mapped[float]
    usual_share: Mapped[float]
    #: volume, share or both.
    measure: Mapped[str] = mapped_column(String(8))
    #: Probability of such a day under the past, before correction for the number of series.
    p: Mapped[float]
    #: seasonal, or bootstrap where the past was shorter than four weeks.
    method: Mapped[str] = mapped_column(String(10))
    found_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class ProductWord(Model):
    """A word by which people call a product, entered by staff; a product with any is heard by these only."""

    __tablename__ = "product_words"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)


class GroupProduct(Model):
    """The one product a group is about, as a manager has said."""

    __tablename__ = "group_products"

    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
