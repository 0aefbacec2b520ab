"""The listening desk: figures, what is behind each of them, spikes and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.queries import name_of_account
from ...api.paging import cursor_of, place_of
from ...community.access import group_for
from ...community.queries import group_choices, names_of_groups
from ...database import transaction
from ...days import today, zone
from ...errors import Invalid
from ...sentiment.models import OpinionRow
from ...sentiment.trends.actions import (
    TERM_WEEKS,
    acknowledge,
    set_group_product,
    set_product_words,
)
from ...sentiment.trends.attribution import words_of_name
from ...sentiment.trends.bursts import PAST_DAYS
from ...sentiment.trends.counting import POLARITIES
from ...sentiment.trends.days import RANGES, Range
from ...sentiment.trends.figures import Counts, Line, by_negatives, lines_of, points, steps_of
from ...sentiment.trends.queries import (
    PAGE,
    Scope,
    Wanted,
    entered_words,
    figures_by,
    figures_of,
    group_products,
    names_of_products,
    product_choices,
    products_page,
    terms_of_week,
    texts_page,
)
from ...sentiment.trends.spikes import spikes_since
from ...service.marks import aspect_pairs, telling_spans
from ...web import whole_number
from .access import (
    product_for,
    require_judge,
    require_keeper,
    require_reader,
    spike_for,
)
from .exporting import csv_of
from .filters import Asked, asked, asked_week, weeks_to_choose
from .forms import NoteForm
from .texts import ShownText, shown_texts

bp = APIBlueprint("listening", __name__, url_prefix="/desk/listening", enable_openapi=False)

RISING_SHOWN, RISING_LISTED = 10, 30
ROWS_SHOWN, SPIKES_LISTED, SPIKE_TEXTS, PRODUCTS_A_PAGE = 30, 60, 10, 50
WORD_GAPS, LONGEST_WORDS = re.compile(r"[\s、,，;；]+"), 400


@bp.get("")
def overview() -> str:
    """Mood, aspects, spikes and rising phrases of a range, each opening to what it is made of."""
    account = require_reader()
    what = asked(request.args, today())
    found = figures_of(what.scope, _both(what))
    lines = lines_of(found, what.span, "aspect")
    whole = lines.pop("", None) or Line("")
    groups = group_choices()
    return render_template(
        "listening/overview.html",
        what=what,
        whole=whole,
        mood=mood_chart(whole, what),
        aspects=by_negatives(lines.values()),
        spikes=spikes_since(what.span.first, limit=6),
        words=terms_of_week(asked_week(request.args, today()), what.group, limit=RISING_SHOWN),
        group_names=dict(groups),
        ranges=RANGES,
        choices=_choices(groups),
        keeps=account.manages,
        sparkline=sparkline,
    )


@bp.get("/aspect")
def aspect() -> str:
    """One aspect: its line, and who, what and where it is made of."""
    require_reader()
    what = asked(request.args, today())
    span = _both(what)
    own = lines_of(figures_of(what.scope, span, what.aspect), what.span, "aspect")
    whole = own.get(what.aspect) or Line(what.aspect)
    parts = {
        part: by_negatives(
            lines_of(figures_by(part, what.scope, span, what.aspect), what.span, "part").values()
        )
        for part in ("group_id", "product_id", "channel")
    }
    groups = group_choices()
    return render_template(
        "listening/aspect.html",
        what=what,
        whole=whole,
        mood=mood_chart(whole, what),
        parts={part: lines[:ROWS_SHOWN] for part, lines in parts.items()},
        group_names=dict(groups) | names_of_groups(_ids(parts["group_id"])),
        product_names=names_of_products(_ids(parts["product_id"])),
        ranges=RANGES,
        choices=_choices(groups),
    )


@bp.get("/texts")
def texts() -> ResponseReturnValue:
    """The texts behind a figure, newest first."""
    account = require_reader()
    what = asked(request.args, today())
    opinions, more = page_of_texts(what, chats=account.serves)
    rows = shown_texts(account, opinions)
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("listening/_text_rows.html", **rows_of(rows, more))
    groups = group_choices()
    return render_template(
        "listening/texts.html",
        what=what,
        choices=_choices(groups),
        ranges=RANGES,
        polarities=POLARITIES,
        chats=account.serves,
        group_names=dict(groups),
        **rows_of(rows, more),
    )


@bp.get("/words")
def words() -> str:
    """The phrases of a week that rise, and those of its negative and positive texts."""
    require_reader()
    what = asked(request.args, today())
    week = asked_week(request.args, today())
    groups = group_choices()
    return render_template(
        "listening/words.html",
        what=what,
        words=terms_of_week(week, what.group, limit=RISING_LISTED),
        weeks=weeks_to_choose(today(), TERM_WEEKS - 4),
        choices=_choices(groups),
    )


@bp.get("/spikes")
def spikes() -> str:
    """Every spike of the last quarter, those nobody has looked at first."""
    require_reader()
    since = Range.ending(today(), max(RANGES)).first
    found = spikes_since(since, limit=SPIKES_LISTED)
    names = names_of_groups({spike.group_id for spike in found if spike.group_id})
    return render_template("listening/spikes.html", spikes=found, group_names=names)


@bp.get("/spikes/<int:spike_id>")
def spike(spike_id: int) -> str:
    """A spike: how it was judged, where, and its texts."""
    return _spike_page(spike_id, NoteForm(formdata=None))


@bp.post("/spikes/<int:spike_id>/acknowledge")
def acknowledge_spike(spike_id: int) -> ResponseReturnValue:
    """Say what it was."""
    account = require_judge()
    form = NoteForm()
    if not form.validate():
        return _spike_page(spike_id, form), 422
    with transaction():
        acknowledge(spike_for(account, spike_id), form.note.data or "", account)
    flash(_("记下了，同事看得到。"))
    return redirect(url_for(".spike", spike_id=spike_id))


def _spike_page(spike_id: int, form: NoteForm) -> str:
    account = require_reader()
    found = spike_for(account, spike_id)
    span = Range.ending(found.last_day, PAST_DAYS + 1)
    what = Asked(
        span=Range(found.first_day, found.last_day),
        days=None,
        group=found.group_id,
        aspect=found.aspect,
        polarity="negative",
    )
    # A spike of the texts as wholes shows which aspects they speak of.
    rows = figures_of(Scope(found.group_id), span, found.aspect or None)
    days = by_day(lines_of(rows, span, "aspect").get(found.aspect), span)
    spoken = lines_of([row for row in rows if row.aspect], what.span, "aspect") if not found.aspect else {}
    places = lines_of(figures_by("group_id", what.scope, _both(what), found.aspect), what.span, "part")
    opinions, more = page_of_texts(what, chats=account.serves, limit=SPIKE_TEXTS)
    return render_template(
        "listening/spike.html",
        spike=found,
        what=what,
        form=form,
        days=days,
        places=by_negatives(places.values())[:8],
        spoken=[line for line in by_negatives(spoken.values()) if line.now.negative][:8],
        group_names=names_of_groups({int(name) for name in places} | {found.group_id}),
        judges=account.leads,
        by=name_of_account(found.acknowledged_by_id),
        **rows_of(shown_texts(account, opinions), more),
    )


@bp.get("/products")
def products() -> str:
    """The words each product is heard by, and the product each group is about."""
    require_keeper()
    return _products_page()


def _products_page(errors: dict[int, str] | None = None, typed: dict[int, str] | None = None) -> str:
    before = request.args.get("after", 0, type=whole_number)
    found = products_page(before, limit=PRODUCTS_A_PAGE + 1)
    shown = found[:PRODUCTS_A_PAGE]
    entered = entered_words([number for number, _name in shown])
    return render_template(
        "listening/products.html",
        products=shown,
        entered=entered,
        usual={number: words_of_name(name) for number, name in shown},
        errors=errors or {},
        typed=typed or {},
        more=url_for(".products", after=shown[-1][0]) if len(found) > PRODUCTS_A_PAGE else None,
        choices=_choices(group_choices()),
        about=group_products(),
    )


@bp.post("/products/<int:product_id>/words")
def set_words(product_id: int) -> ResponseReturnValue:
    """Say by which words a product is heard."""
    account = require_keeper()
    product_for(account, product_id)
    typed = request.form.get("words", "")
    if len(typed) > LONGEST_WORDS:
        return _products_page(
            {product_id: _("全部叫法加起来最多 %(n)s 个字。", n=LONGEST_WORDS)}, {product_id: typed}
        ), 422
    try:
        with transaction():
            set_product_words(product_id, WORD_GAPS.split(typed), account)
    except Invalid:
        return _products_page({product_id: _("每个叫法 2 到 40 个字。")}, {product_id: typed}), 422
    flash(_("存好了，旧文字会在后台重新归类。"))
    return redirect(url_for(".products", after=request.args.get("after", type=whole_number)))


@bp.post("/groups/<int:group_id>/product")
def set_product_of_group(group_id: int) -> ResponseReturnValue:
    """Say which product a group is about; 0: none."""
    account = require_keeper()
    group_for(account, group_id, "manage")
    product_id = request.form.get("product", 0, type=whole_number)
    if product_id:
        product_for(account, product_id)
    with transaction():
        set_group_product(group_id, product_id or None, account)
    flash(_("存好了，旧文字会在后台重新归类。"))
    return redirect(url_for(".products"))


@bp.get("/figures.csv")
def export() -> Response:
    """The counts by day and aspect in the chosen scope, as CSV with a byte order mark."""
    require_reader()
    what = asked(request.args, today())
    answer = Response(csv_of(figures_of(what.scope, what.span)), content_type="text/csv; charset=utf-8")
    name = f"trends-{what.span.first}-{what.span.last}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _both(what: Asked) -> Range:
    """The range together with the one before it."""
    return Range(what.span.before.first, what.span.last)


def _ids(lines: Sequence[Line]) -> list[int]:
    return [int(line.name) for line in lines[:ROWS_SHOWN]]


def _choices(groups: list[tuple[int, str]]) -> dict[str, list[tuple[int, str]]]:
    """What the filters offer."""
    return {"groups": groups, "products": product_choices()}


def page_of_texts(what: Asked, *, chats: bool, limit: int = PAGE) -> tuple[list[OpinionRow], str | None]:
    """A page of opinions and the address of the next one."""
    since, until = what.span.moments(zone())
    wanted = Wanted(
        since, until, what.polarity, what.aspect, what.group, what.product, what.channel, what.term
    )
    try:
        before = place_of(request.args.get("cursor"), datetime, int)
    except Invalid:
        before = None
    found = texts_page(wanted, chats=chats, before=before, limit=limit + 1)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], url_for(".texts", **what.address(cursor=cursor_of(last.at, last.id)))


def rows_of(rows: list[ShownText], more: str | None) -> dict[str, Any]:
    """What the list's rows need."""
    return {
        "rows": rows,
        "more": more,
        "marks": {row.opinion.id: _marks(row) for row in rows},
        "pairs": {row.opinion.id: aspect_pairs(row.opinion.answer)[:4] for row in rows},
    }


def _marks(row: ShownText) -> list[tuple[int, int, str]]:
    """The telling words of a text as it stands now; none where an edit has made it shorter since it was read."""
    spans = telling_spans(row.opinion.answer)
    return spans if not spans or spans[-1][1] <= len(row.text) else []


def sparkline(line: Line) -> str:
    """The negatives of a line as the points of a drawing."""
    return points([counts.negative for counts in line.steps.values()])


def by_day(line: Line | None, span: Range) -> list[tuple[str, int, int]]:
    """(day, negatives, texts) of every day of a span; the line may be by week."""
    found = line.days if line else {}
    empty = Counts()
    return [
        (f"{day:%m-%d}", found.get(day, empty).negative, found.get(day, empty).texts) for day in span.days()
    ]


def mood_chart(line: Line, what: Asked) -> dict[str, Any]:
    """Labels and, per polarity, the counts of each day or week."""
    steps = steps_of(what.span)
    counts = [line.steps.get(step) or Counts() for step in steps]
    return {
        "labels": [f"{step:%m-%d}" for step in steps],
        "counts": counts,
        "values": {name: [getattr(each, name) for each in counts] for name in POLARITIES},
        "shares": [None if each.share is None else round(100 * each.share, 1) for each in counts],
        "weekly": len(steps) < what.span.length,
    }
