"""Keeping the counts true, one batch of texts at a time. All run inside the caller's transaction().

The counts change by what a batch changes: each text's earlier part is taken out, its present one put in. A text delivered
twice, late, or in another order leaves the same counts, since only its present opinion matters.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Insert, Table, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from ...accounts.audit import audit
from ...accounts.models import Account
from ...database import db, utcnow
from ...days import begin_of, day_of, today, zone
from ...errors import Invalid
from ...events import announce, bulk_work
from ...settings import Setting, change_setting, define
from ..models import OpinionAspect, OpinionRow
from .attribution import LONGEST, SHORTEST, plain
from .counting import POLARITIES, Change, Counted, TermChange, change_of, term_change_of
from .days import week_of
from .events import HearingChanged
from .hearing import Heard
from .models import CountedText, GroupProduct, ProductWord, Spike, TermWeek, TextProduct, TextTerm, TrendDay

# A random mark of the newest round in which all texts are counted again; empty before the first.
HEARING_ROUND = "trends.hearing_round"
define(HEARING_ROUND, "")

#: Terms are kept for the texts of this week and the eight before it.
TERM_WEEKS = 9
PIECE = 500


def first_term_week() -> date:
    """The Monday of the oldest week whose terms are kept."""
    return week_of(today()) - timedelta(weeks=TERM_WEEKS - 1)


def recount(heard: Sequence[Heard]) -> None:
    """Bring the counts to what the texts' opinions say now; an opinion that is gone counts no more."""
    ids = sorted({each.opinion_id for each in heard})
    if not ids:
        return
    stored = _held(ids)
    old_terms = _terms_held(ids)
    known = {each.opinion_id: each for each in heard}
    change, term_change = Change(), TermChange()
    now, when = _counted_now(ids, known)
    for number in ids:
        old, new = Counted.from_json(stored[number].counted), now.get(number)
        terms = known[number].terms if new is not None and new.week is not None else frozenset()
        change.update(change_of(old, new))
        term_change.update(term_change_of(old, old_terms.get(number, frozenset()), new, terms))
        stored[number].counted = new.to_json() if new else {}
    _keep_words(ids, now, known, when)
    db.session.flush()
    _add_days(change)
    _add_weeks(term_change)


def recount_as_heard(ids: Sequence[int]) -> None:
    """Recount texts by their present opinions, with the products and terms they were heard with before."""
    terms = _terms_held(ids)
    products: dict[int, list[int]] = {}
    for row in db.session.execute(
        select(TextProduct.opinion_id, TextProduct.product_id).where(TextProduct.opinion_id.in_(ids))
    ):
        products.setdefault(row.opinion_id, []).append(row.product_id)
    recount(
        [
            Heard(number, tuple(sorted(products.get(number, ()))), terms.get(number, frozenset()))
            for number in ids
        ]
    )


def _held(ids: Sequence[int]) -> dict[int, CountedText]:
    """The stored parts of the texts, made where absent and locked, in the order of their ids."""
    db.session.execute(
        _upsert(CountedText).on_conflict_do_nothing(),
        [{"opinion_id": number, "counted": {}} for number in ids],
    )
    rows = db.session.scalars(
        select(CountedText)
        .where(CountedText.opinion_id.in_(ids))
        .order_by(CountedText.opinion_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.opinion_id: row for row in rows}


def _terms_held(ids: Sequence[int]) -> dict[int, frozenset[str]]:
    held: dict[int, set[str]] = {}
    for row in db.session.execute(
        select(TextTerm.opinion_id, TextTerm.term).where(TextTerm.opinion_id.in_(ids))
    ):
        held.setdefault(row.opinion_id, set()).add(row.term)
    return {number: frozenset(terms) for number, terms in held.items()}


def _counted_now(
    ids: Sequence[int], heard: Mapping[int, Heard]
) -> tuple[dict[int, Counted], dict[int, datetime]]:
    """What the opinions that are there now add to the counts, and when their texts were said."""
    aspects: dict[int, list[tuple[str, str]]] = {}
    for row in db.session.execute(
        select(OpinionAspect.opinion_id, OpinionAspect.aspect, OpinionAspect.polarity)
        .where(OpinionAspect.opinion_id.in_(ids))
        .order_by(OpinionAspect.opinion_id, OpinionAspect.aspect)
    ):
        aspects.setdefault(row.opinion_id, []).append((row.aspect, row.polarity))
    first_week, place = first_term_week(), zone()
    found: dict[int, Counted] = {}
    when: dict[int, datetime] = {}
    for opinion in db.session.execute(
        select(
            OpinionRow.id,
            OpinionRow.place,
            OpinionRow.place_id,
            OpinionRow.channel,
            OpinionRow.polarity,
            OpinionRow.at,
        ).where(OpinionRow.id.in_(ids))
    ):
        day, when[opinion.id] = day_of(opinion.at, place), opinion.at
        found[opinion.id] = Counted(
            day=day,
            group_id=opinion.place_id if opinion.place == "group" else 0,
            channel=opinion.channel,
            products=heard[opinion.id].products,
            marks=(("", opinion.polarity), *aspects.get(opinion.id, ())),
            week=week_of(day) if week_of(day) >= first_week else None,
        )
    return found, when


def _keep_words(
    ids: Sequence[int],
    now: Mapping[int, Counted],
    heard: Mapping[int, Heard],
    when: Mapping[int, datetime],
) -> None:
    """Replace the products and terms by which the texts are found."""
    db.session.execute(delete(TextProduct).where(TextProduct.opinion_id.in_(ids)))
    db.session.execute(delete(TextTerm).where(TextTerm.opinion_id.in_(ids)))
    products = [
        {"opinion_id": number, "product_id": product_id, "at": when[number]}
        for number, counted in now.items()
        for product_id in counted.products
    ]
    terms = [
        {"opinion_id": number, "term": term, "at": when[number]}
        for number, counted in now.items()
        if counted.week is not None
        for term in sorted(heard[number].terms)
    ]
    for model, rows in ((TextProduct, products), (TextTerm, terms)):
        if rows:
            db.session.execute(insert(model), rows)


def _upsert(model: type[Any]) -> Any:
    """INSERT … ON CONFLICT of the database in use."""
    postgresql = db.session.connection().dialect.name == "postgresql"
    return (insert_postgresql if postgresql else insert_sqlite)(model.__table__)


def _add_days(change: Change) -> None:
    """Add to the days' cells, in the order of their keys so that two workers never wait for each other in a ring."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for ((day, group_id, channel, product_id, aspect), polarity), amount in change.items():
        key = (group_id, product_id, day, channel, aspect)
        row = rows.setdefault(
            key,
            {
                "group_id": group_id,
                "product_id": product_id,
                "day": day,
                "channel": channel,
                "aspect": aspect,
                **dict.fromkeys(POLARITIES, 0),
            },
        )
        row[polarity] += amount
    _add(TrendDay, [rows[key] for key in sorted(rows)])


def _add_weeks(change: TermChange) -> None:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for ((week, group_id, term), polarity), amount in change.items():
        row = rows.setdefault(
            (week, group_id, term),
            {"week": week, "group_id": group_id, "term": term, "texts": 0, **dict.fromkeys(POLARITIES, 0)},
        )
        row[polarity] += amount
        row["texts"] += amount
    _add(TermWeek, [rows[key] for key in sorted(rows)])


def _add(model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table: Table = model.__table__
    statement = _upsert(model)
    counts = [column.name for column in table.columns if not column.primary_key]
    added: Insert = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + statement.excluded[name] for name in counts},
    )
    db.session.execute(added, rows)


def uncount_customer(customer_id: int) -> None:
    """Take every text of a customer out of the counts; call before their opinions are deleted."""
    ids = list(db.session.scalars(select(OpinionRow.id).where(OpinionRow.customer_id == customer_id)))
    for start in range(0, len(ids), PIECE):
        _uncount(ids[start : start + PIECE])


def _uncount(ids: Sequence[int]) -> None:
    old_terms = _terms_held(ids)
    change, term_change = Change(), TermChange()
    for number, row in _held(ids).items():
        old = Counted.from_json(row.counted)
        change.update(change_of(old, None))
        term_change.update(term_change_of(old, old_terms.get(number, frozenset()), None, frozenset()))
        row.counted = {}
    _keep_words(ids, {}, {}, {})
    db.session.flush()
    _add_days(change)
    _add_weeks(term_change)


def begin_anew() -> None:
    """Empty every count; the rebuild fills them again. Spikes and the words staff entered stay.

    In the order in which a worker takes them.
    """
    for model in (CountedText, TextProduct, TextTerm, TrendDay, TermWeek):
        db.session.execute(delete(model))


def forget_old_terms(limit: int = 20_000) -> int:
    """Delete weeks and terms that no page shows any more, at most `limit` terms at once; returns how many."""
    first = first_term_week()
    db.session.execute(delete(TermWeek).where(TermWeek.week < first))
    old = select(TextTerm.opinion_id).where(TextTerm.at < begin_of(first, zone())).distinct().limit(limit)
    ids = list(db.session.scalars(old))
    for start in range(0, len(ids), PIECE):
        db.session.execute(delete(TextTerm).where(TextTerm.opinion_id.in_(ids[start : start + PIECE])))
    return len(ids)


def set_product_words(product_id: int, words: Iterable[str], acting: Account) -> None:
    """Say by which words a product is heard; none: by its name. Raises Invalid `word_length`."""
    kept = list(dict.fromkeys(plain(word) for word in words if word.strip()))
    if any(not SHORTEST <= len(word) <= LONGEST for word in kept):
        raise Invalid("word_length", field="words")
    db.session.execute(delete(ProductWord).where(ProductWord.product_id == product_id))
    db.session.add_all(ProductWord(product_id=product_id, word=word) for word in kept)
    audit(acting, "set_product_words", "product", product_id, words=kept)
    _hear_again()


def set_group_product(group_id: int, product_id: int | None, acting: Account) -> None:
    """Say which one product a group is about, or that it is about none."""
    db.session.execute(delete(GroupProduct).where(GroupProduct.group_id == group_id))
    if product_id is not None:
        db.session.add(GroupProduct(group_id=group_id, product_id=product_id))
    audit(acting, "set_group_product", "group", group_id, product_id=product_id)
    _hear_again()


def _hear_again() -> None:
    begun = secrets.token_hex(8)
    change_setting(HEARING_ROUND, begun)
    db.session.flush()
    with bulk_work():
        announce(HearingChanged(0, begun))


def is_overtaken(event: HearingChanged) -> bool:
    """Whether a later change has begun another round; as the database has it now, in every process."""
    begun = db.session.scalar(select(Setting.value).where(Setting.name == HEARING_ROUND))
    return event.round != (begun["value"] if begun else "")


def next_opinions(after_id: int, limit: int = PIECE) -> list[tuple[int, str, int]]:
    """(opinion id, subject, subject id) of the next opinions by id."""
    query = select(OpinionRow.id, OpinionRow.subject, OpinionRow.subject_id).where(OpinionRow.id > after_id)
    found = db.session.execute(query.order_by(OpinionRow.id).limit(limit))
    return [(row.id, row.subject, row.subject_id) for row in found]


def go_on_hearing(event: HearingChanged, after_id: int) -> None:
    """Announce the piece after this one."""
    with bulk_work():
        announce(HearingChanged(after_id, event.round))


def acknowledge(spike: Spike, note: str, acting: Account) -> None:
    """Somebody has looked at the spike and says what it is; Invalid `note_missing`."""
    note = " ".join(note.split())[:500]
    if not note:
        raise Invalid("note_missing", field="note")
    spike.note, spike.acknowledged_at, spike.acknowledged_by_id = note, utcnow(), acting.id
    audit(acting, "acknowledge_spike", "spike", spike.id, note=note)
