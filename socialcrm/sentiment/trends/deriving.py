"""The days' counts derived from opinions alone, as the check of the read model and its nightly repair."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import delete, insert, select, text

from ...database import db
from ...days import bounds, zone
from ..models import OpinionAspect, OpinionRow
from .actions import PIECE, recount_as_heard
from .counting import POLARITIES
from .models import TextProduct, TrendDay

Key = tuple[int, int, date, str, str]
Figures = dict[Key, tuple[int, ...]]


def derive_day(day: date) -> Figures:
    """(group, product, day, channel, aspect) → counts by polarity, from the day's opinions, aspects and products."""
    since, until = bounds(day, zone())
    opinions = {
        row.id: row
        for row in db.session.execute(
            select(
                OpinionRow.id, OpinionRow.place, OpinionRow.place_id, OpinionRow.channel, OpinionRow.polarity
            ).where(OpinionRow.at >= since, OpinionRow.at < until)
        )
    }
    inside = (OpinionRow.at >= since, OpinionRow.at < until)
    aspects = db.session.execute(
        select(OpinionAspect.opinion_id, OpinionAspect.aspect, OpinionAspect.polarity)
        .join(OpinionRow, OpinionRow.id == OpinionAspect.opinion_id)
        .where(*inside)
    )
    products: dict[int, list[int]] = {}
    for number, product_id in db.session.execute(
        select(TextProduct.opinion_id, TextProduct.product_id)
        .join(OpinionRow, OpinionRow.id == TextProduct.opinion_id)
        .where(*inside)
    ):
        products.setdefault(number, []).append(product_id)
    marks = [(number, "", row.polarity) for number, row in opinions.items()]
    marks += [(row.opinion_id, row.aspect, row.polarity) for row in aspects]
    counts: Counter[tuple[Key, str]] = Counter()
    for number, aspect, polarity in marks:
        row = opinions[number]
        places = {0, row.place_id} if row.place == "group" else {0}
        for group_id in places:
            for product_id in (0, *products.get(number, ())):
                counts[(group_id, product_id, day, row.channel, aspect), polarity] += 1
    return {
        key: tuple(counts[key, polarity] for polarity in POLARITIES) for key in {cell for cell, _ in counts}
    }


def kept_day(day: date) -> Figures:
    """The same of the read model, cells without any text left out."""
    rows = db.session.scalars(select(TrendDay).where(TrendDay.product_id >= 0, TrendDay.day == day))
    found = {
        (row.group_id, row.product_id, row.day, row.channel, row.aspect): tuple(
            getattr(row, polarity) for polarity in POLARITIES
        )
        for row in rows
    }
    return {key: counts for key, counts in found.items() if any(counts)}


def mend_day(day: date) -> int:
    """Put right what differs from the opinions of the day; returns how many cells did. Inside transaction().

    Texts whose reaction is still to come are counted first, so that it finds nothing left to add.
    """
    if db.session.connection().dialect.name == "postgresql":
        # A worker that adds to the day between reading and writing would be lost. A worker takes its texts before the
        # days; so does this, or each would wait for the other.
        db.session.execute(text("LOCK TABLE counted_texts, trend_days IN SHARE ROW EXCLUSIVE MODE"))
    since, until = bounds(day, zone())
    ids = list(db.session.scalars(select(OpinionRow.id).where(OpinionRow.at >= since, OpinionRow.at < until)))
    for start in range(0, len(ids), PIECE):
        recount_as_heard(ids[start : start + PIECE])
    derived, kept = derive_day(day), kept_day(day)
    wrong = sum(derived.get(key) != kept.get(key) for key in derived.keys() | kept.keys())
    if wrong:
        db.session.execute(delete(TrendDay).where(TrendDay.product_id >= 0, TrendDay.day == day))
        db.session.expire_all()
        names = ("group_id", "product_id", "day", "channel", "aspect", *POLARITIES)
        rows = [dict(zip(names, (*key, *counts), strict=True)) for key, counts in derived.items()]
        if rows:
            db.session.execute(insert(TrendDay), rows)
    return wrong
