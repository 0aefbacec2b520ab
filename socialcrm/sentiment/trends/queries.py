"""What pages and the API read of the trends. The figures come from the read models only, whatever the number of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from ...database import db
from ...shop.models import Product
from ..models import OpinionAspect, OpinionRow
from .counting import POLARITIES
from .days import Range, week_of
from .models import GroupProduct, ProductWord, Spike, TermWeek, TextProduct, TextTerm, TrendDay
from .phrases import Term, rising

PAGE = 20
#: Of a week the terms in most texts are compared, so many of them.
MOST_TERMS = 2_000
WEEKS_BEFORE = 4
LEAST_TERM_TEXTS = 3
#: From this z on a term leans to the negative or positive texts; it is a list to read, no alarm.
LEANING_Z = 1.0
_SUMS = tuple(func.sum(getattr(TrendDay, name)).label(name) for name in POLARITIES)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the figures speak of: group 0 the whole brand, product 0 any or none, channel None all."""

    group_id: int = 0
    product_id: int = 0
    channel: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """On the rows of TrendDay."""
        found = [TrendDay.group_id == self.group_id, TrendDay.product_id == self.product_id]
        return found if self.channel is None else [*found, TrendDay.channel == self.channel]


def figures_of(scope: Scope, span: Range, aspect: str | None = None) -> Sequence[Row[Any]]:
    """Counts by (aspect, day) over the range, one query; of one aspect when given."""
    query = select(TrendDay.aspect, TrendDay.day, *_SUMS).where(
        *scope.conditions(), TrendDay.day >= span.first, TrendDay.day <= span.last
    )
    if aspect is not None:
        query = query.where(TrendDay.aspect == aspect)
    return db.session.execute(
        query.group_by(TrendDay.aspect, TrendDay.day).order_by(TrendDay.day, TrendDay.aspect)
    ).all()


def figures_by(part: str, scope: Scope, span: Range, aspect: str = "") -> Sequence[Row[Any]]:
    """Counts of one aspect by (`part`, day), where part is group_id, product_id or channel; one query.

    The scope's own value of that part is not asked for; group 0 and product 0 are left out.
    """
    column = getattr(TrendDay, part)
    conditions = [TrendDay.aspect == aspect, TrendDay.day >= span.first, TrendDay.day <= span.last]
    if part != "group_id":
        conditions.append(TrendDay.group_id == scope.group_id)
    if part != "product_id":
        conditions.append(TrendDay.product_id == scope.product_id)
    if part != "channel":
        conditions += [column > 0, *([TrendDay.channel == scope.channel] if scope.channel else [])]
    return db.session.execute(
        select(column.label("part"), TrendDay.day, *_SUMS).where(*conditions).group_by(column, TrendDay.day)
    ).all()


def product_choices(limit: int = 300) -> list[tuple[int, str]]:
    """(id, name) of the products by name."""
    rows = db.session.execute(select(Product.id, Product.name).order_by(Product.name).limit(limit))
    return [(row.id, row.name) for row in rows]


def products_page(after_id: int, limit: int) -> list[tuple[int, str]]:
    """(id, name) of the products after an id, by id."""
    query = select(Product.id, Product.name).where(Product.id > after_id).order_by(Product.id).limit(limit)
    return [(row.id, row.name) for row in db.session.execute(query)]


def names_of_products(ids: Sequence[int]) -> dict[int, str]:
    """Product id → name, in one query."""
    rows = db.session.execute(select(Product.id, Product.name).where(Product.id.in_(ids)))
    return {row.id: row.name for row in rows}


def entered_words(product_ids: Sequence[int]) -> dict[int, list[str]]:
    """Product id → the words staff entered for it."""
    found: dict[int, list[str]] = {}
    query = select(ProductWord).where(ProductWord.product_id.in_(product_ids)).order_by(ProductWord.word)
    for row in db.session.scalars(query):
        found.setdefault(row.product_id, []).append(row.word)
    return found


def group_products() -> dict[int, int]:
    """Group id → the product it is about."""
    rows = db.session.execute(select(GroupProduct.group_id, GroupProduct.product_id))
    return {row.group_id: row.product_id for row in rows}


def spike_by_id(spike_id: int) -> Spike | None:
    """One spike."""
    return db.session.get(Spike, spike_id)


# — The texts behind a figure —


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which texts: of these moments, and of each part that is given."""

    since: datetime
    until: datetime
    polarity: str | None = None
    #: "": the polarity is that of the text as a whole.
    aspect: str = ""
    group_id: int = 0
    product_id: int = 0
    channel: str | None = None
    term: str | None = None


def texts_page(
    wanted: Wanted, *, chats: bool, before: tuple[datetime, int] | None = None, limit: int = PAGE
) -> list[OpinionRow]:
    """A page of opinions, newest first; `before` is (at, id) of the last one seen. `chats`: whether chat turns count.

    The list walks the index of the narrowest part that is asked for: the term, the product, the aspect, the group, the
    polarity, or time alone.
    """
    lead, at, number = _lead(wanted)
    query = lead.where(at >= wanted.since, at < wanted.until)
    if before is not None:
        query = query.where(tuple_(at, number) < tuple_(literal(before[0], at.type), literal(before[1])))
    if not chats:
        query = query.where(OpinionRow.subject == "post")
    return list(db.session.scalars(query.order_by(at.desc(), number.desc()).limit(limit)))


def _lead(wanted: Wanted) -> tuple[Select[Any], Any, Any]:
    """The statement on the part that leads, with its moment and opinion id; the other parts are looked up by key."""
    at, number = OpinionRow.at, OpinionRow.id
    query = select(OpinionRow)
    rest = wanted
    if wanted.term is not None:
        query = query.join(TextTerm, TextTerm.opinion_id == OpinionRow.id).where(TextTerm.term == wanted.term)
        at, number, rest = TextTerm.at, TextTerm.opinion_id, replace(rest, term=None)
    elif wanted.product_id:
        query = query.join(TextProduct, TextProduct.opinion_id == OpinionRow.id)
        query = query.where(TextProduct.product_id == wanted.product_id)
        at, number, rest = TextProduct.at, TextProduct.opinion_id, replace(rest, product_id=0)
    elif wanted.aspect and not wanted.group_id:
        query = query.join(OpinionAspect, OpinionAspect.opinion_id == OpinionRow.id)
        query = query.where(OpinionAspect.aspect == wanted.aspect)
        if wanted.polarity:
            query = query.where(OpinionAspect.polarity == wanted.polarity)
        at, number = OpinionAspect.at, OpinionAspect.opinion_id
        rest = replace(rest, aspect="", polarity=None)
    return _narrowed(query, rest), at, number


def _narrowed(query: Select[Any], rest: Wanted) -> Select[Any]:
    if rest.group_id:
        query = query.where(OpinionRow.place == "group", OpinionRow.place_id == rest.group_id)
    if rest.channel:
        query = query.where(OpinionRow.channel == rest.channel)
    if rest.product_id:
        own = select(TextProduct.opinion_id).where(
            TextProduct.opinion_id == OpinionRow.id, TextProduct.product_id == rest.product_id
        )
        query = query.where(own.exists())
    if rest.aspect:
        said = select(OpinionAspect.opinion_id).where(
            OpinionAspect.opinion_id == OpinionRow.id, OpinionAspect.aspect == rest.aspect
        )
        if rest.polarity:
            said = said.where(OpinionAspect.polarity == rest.polarity)
        query = query.where(said.exists())
    elif rest.polarity:
        query = query.where(OpinionRow.polarity == rest.polarity)
    return query


# — Terms of a week —


@dataclass(frozen=True, slots=True)
class WeekTerm:
    """A term of a week with its counts."""

    term: Term
    negative: int
    positive: int


@dataclass(frozen=True, slots=True)
class WeekTerms:
    """What a week says more than the four before it, and what its negative and positive texts say more than the others."""

    week: date
    texts: int
    texts_before: int
    rising: list[WeekTerm]
    negative: list[WeekTerm]
    positive: list[WeekTerm]

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.week + timedelta(days=6)


def terms_of_week(week: date, group_id: int = 0, limit: int = 12) -> WeekTerms:
    """The terms of the week that begins with this Monday, in two queries bounded by MOST_TERMS."""
    week = week_of(week)
    first = week - timedelta(weeks=WEEKS_BEFORE)
    earlier = aliased(TermWeek)
    before = (
        select(func.coalesce(func.sum(earlier.texts), 0))
        .where(
            earlier.week.in_([first + timedelta(weeks=number) for number in range(WEEKS_BEFORE)]),
            earlier.group_id == TermWeek.group_id,
            earlier.term == TermWeek.term,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            TermWeek.term,
            TermWeek.texts,
            TermWeek.negative,
            TermWeek.positive,
            before.label("before"),
        )
        .where(TermWeek.week == week, TermWeek.group_id == group_id, TermWeek.texts >= LEAST_TERM_TEXTS)
        .order_by(TermWeek.texts.desc())
        .limit(MOST_TERMS)
    ).all()
    now = {row.term: row for row in rows}
    totals = _totals(group_id, Range(first, week + timedelta(days=6)), week)
    negative = [(row.term, row.negative, row.texts - row.negative) for row in rows]
    positive = [(row.term, row.positive, row.texts - row.positive) for row in rows]

    def leaning(found: list[tuple[str, int, int]], texts: int) -> list[Term]:
        return rising(found, texts, totals.texts - texts, least_z=LEANING_Z, limit=limit)

    risen = rising(
        [(row.term, row.texts, int(row.before)) for row in rows],
        totals.texts,
        totals.before,
        limit=limit,
    )
    return WeekTerms(
        week=week,
        texts=totals.texts,
        texts_before=totals.before,
        rising=_with_mood(risen, now),
        negative=_with_mood(leaning(negative, totals.negative), now),
        positive=_with_mood(leaning(positive, totals.positive), now),
    )


def _with_mood(terms: Sequence[Term], rows: Mapping[str, Any]) -> list[WeekTerm]:
    return [WeekTerm(each, rows[each.term].negative, rows[each.term].positive) for each in terms]


@dataclass(frozen=True, slots=True)
class _Totals:
    """Texts of the week, of the weeks before, and the negative and positive ones of the week."""

    texts: int
    before: int
    negative: int
    positive: int


def _totals(group_id: int, span: Range, week: date) -> _Totals:
    texts = before = negative = positive = 0
    for row in figures_of(Scope(group_id), span, aspect=""):
        number = row.negative + row.neutral + row.positive + row.unsure
        if row.day < week:
            before += int(number)
            continue
        texts += int(number)
        negative += int(row.negative)
        positive += int(row.positive)
    return _Totals(texts, before, negative, positive)
