"""The trends through the API, for reporting tools: counts only, nobody's text and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select

from ...api import PREFIX
from ...api.access import needs
from ...api.fields import (
    Answer,
    Body,
    Choice,
    Day,
    Items,
    Moment,
    PageAnswer,
    PageQuery,
    Part,
    Share,
    Text,
    Whole,
)
from ...api.lists import list_page
from ...days import today
from ...errors import Invalid
from ..engine import CHANNELS
from . import queries
from .days import Range, week_of
from .figures import Counts
from .models import Spike

bp = APIBlueprint("trends_api", __name__, url_prefix=PREFIX, tag="Trends")

LONGEST_RANGE, USUAL_RANGE = 366, 30
STEPS = ("day", "week")


class TrendsQuery(Body):
    since = Day(metadata={"description": "first day in the brand's zone; 30 days before `until` when absent"})
    until = Day(metadata={"description": "last day, within it; today when absent"})
    step = Choice(*STEPS, load_default="day", metadata={"description": "week: by its Monday"})
    group_id = Whole(0, strict=False, load_default=0, metadata={"description": "0: the whole brand"})
    product_id = Whole(0, strict=False, load_default=0, metadata={"description": "0: any product or none"})
    channel = Choice(*CHANNELS)
    aspect = Text(20, metadata={"description": "one aspect only; all of them when absent"})


class FigureOut(Answer):
    day = Day(required=True)
    aspect = Text(required=True, metadata={"description": "empty: the texts as wholes"})
    negative = Whole(required=True)
    neutral = Whole(required=True)
    positive = Whole(required=True)
    unsure = Whole(required=True)
    negative_share = Share(required=True)
    low = Share(required=True, metadata={"description": "lower end of the share's 95 % interval (Wilson)"})
    high = Share(required=True)


class TrendsOut(Answer):
    since = Day(required=True)
    until = Day(required=True)
    items = Items(Part(FigureOut), required=True)


class SpikeOut(Answer):
    id = Whole(required=True)
    group_id = Whole(required=True, metadata={"description": "0: the whole brand"})
    aspect = Text(required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)
    peak_day = Day(required=True, metadata={"description": "the day of the figures"})
    negatives = Whole(required=True)
    texts = Whole(required=True)
    usual = Share(required=True, metadata={"description": "negatives to be expected on such a day"})
    usual_share = Share(required=True)
    measure = Choice("volume", "share", "both", required=True)
    p = Share(required=True)
    method = Choice("seasonal", "bootstrap", required=True)
    found_at = Moment(required=True)
    acknowledged_at = Moment(required=True, allow_none=True)
    note = Text(required=True)


class SpikesOut(PageAnswer):
    items = Items(Part(SpikeOut), required=True)


@bp.get("/trends")
@needs("trends:read")
@bp.input(TrendsQuery, location="query")
@bp.output(TrendsOut)
def trends(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Counts by day or week and aspect

    A text counts once in the whole and once in each aspect it speaks of. At most 366 days at a time.
    """
    span = _span(query_data)
    scope = queries.Scope(query_data["group_id"], query_data["product_id"], query_data.get("channel"))
    steps: dict[tuple[date, str], Counts] = {}
    for row in queries.figures_of(scope, span, query_data.get("aspect")):
        step = week_of(row.day) if query_data["step"] == "week" else row.day
        steps.setdefault((step, row.aspect), Counts()).add(row)
    items = [_figure(day, aspect, counts) for (day, aspect), counts in sorted(steps.items()) if counts.texts]
    return {"since": span.first, "until": span.last, "items": items}


def _span(query: Mapping[str, Any]) -> Range:
    last = query.get("until") or today()
    try:
        first = query.get("since") or last - timedelta(days=USUAL_RANGE - 1)
    except OverflowError:
        raise Invalid("out_of_range", field="until") from None
    if not 0 <= (last - first).days < LONGEST_RANGE:
        raise Invalid("out_of_range", field="since")
    return Range(first, last)


def _figure(day: date, aspect: str, counts: Counts) -> dict[str, Any]:
    low, high = counts.interval
    return {
        "day": day,
        "aspect": aspect,
        "negative": counts.negative,
        "neutral": counts.neutral,
        "positive": counts.positive,
        "unsure": counts.unsure,
        "negative_share": round(counts.share or 0.0, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


@bp.get("/trends/spikes")
@needs("trends:read")
@bp.input(PageQuery, location="query")
@bp.output(SpikesOut)
def spikes(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """Spikes, newest first

    Days on which an aspect drew more negatives than its own past explains.
    """
    return list_page(select(Spike), query_data, Spike.id)
