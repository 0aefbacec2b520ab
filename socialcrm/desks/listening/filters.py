"""What a page of the listening desk was asked for, from its address. Unreadable parts fall back to everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ...days import day_from
from ...sentiment.engine import CHANNELS
from ...sentiment.trends.counting import POLARITIES
from ...sentiment.trends.days import RANGES, Range, week_of
from ...sentiment.trends.queries import Scope
from ...web import whole_number

USUAL_RANGE = 30
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters in force. `span` ends today unless the address names its days."""

    span: Range
    days: int | None
    group: int = 0
    product: int = 0
    channel: str | None = None
    aspect: str = ""
    polarity: str | None = None
    term: str | None = None

    @property
    def scope(self) -> Scope:
        """Of the figures."""
        return Scope(self.group, self.product, self.channel)

    def address(self, **changes: Any) -> dict[str, Any]:
        """The query of an address with these filters, some of them changed; None takes one away."""
        named = {"since": self.span.first.isoformat(), "until": self.span.last.isoformat()}
        query: dict[str, Any] = {
            "days": self.days,
            **(named if self.days is None else {}),
            "group": self.group,
            "product": self.product,
            "channel": self.channel,
            "aspect": self.aspect,
            "polarity": self.polarity,
            "term": self.term,
        }
        return {name: value for name, value in (query | changes).items() if value}


def asked(query: Mapping[str, str], today: date) -> Asked:
    """The filters of an address."""
    since, until = day_from(query.get("since")), day_from(query.get("until"))
    found = Asked(
        span=Range.ending(today, USUAL_RANGE),
        days=USUAL_RANGE,
        group=_number(query.get("group")),
        product=_number(query.get("product")),
        channel=_one_of(query.get("channel"), CHANNELS),
        aspect=(query.get("aspect") or "")[:LONGEST_NAME],
        polarity=_one_of(query.get("polarity"), POLARITIES),
        term=(query.get("term") or "")[:LONGEST_NAME] or None,
    )
    if since and until and since <= until and (until - since).days < max(RANGES):
        return replace(found, span=Range(since, until), days=None)
    days = _number(query.get("days"))
    if days not in RANGES:
        days = USUAL_RANGE
    return replace(found, span=Range.ending(today, days), days=days)


def asked_week(query: Mapping[str, str], today: date) -> date:
    """The Monday of the week that was asked for; this week unless it is readable and not to come."""
    day = day_from(query.get("week"))
    return week_of(day) if day and day <= today else week_of(today)


def weeks_to_choose(today: date, number: int) -> list[date]:
    """This week's Monday and those before it."""
    return [week_of(today) - timedelta(weeks=back) for back in range(number)]


def _number(text: str | None) -> int:
    try:
        return whole_number(text or "0")
    except ValueError:
        return 0


def _one_of(text: str | None, words: tuple[str, ...]) -> str | None:
    return text if text in words else None
