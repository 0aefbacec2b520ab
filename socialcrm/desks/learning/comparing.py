"""Which texts two ways of reading tell apart: read bit by bit, each bit in bounded time, so that a page can show it grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from ...accounts.models import Account
from ...database import utcnow
from ...sentiment.actions import Text
from ...sentiment.agreement import COMPLAINT_FROM
from ...sentiment.brand import Brand
from ...sentiment.engine import Opinion, analyse
from ...sentiment.learning.queries import opinions_since
from ...web import whole_number
from ..texts import readable_texts

#: Days back that a page looks.
DAYS = 30
PIECE = 50
#: Seconds after which a bit ends, whatever is left.
SECONDS = 0.8
#: How many texts are shown before and after; the others are counted.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Change:
    """A text that is read another way: how before, how after, and where it stands."""

    text: Text
    before: Opinion
    after: Opinion

    @property
    def turned(self) -> bool:
        """Whether the text's polarity is another one."""
        return self.before.polarity != self.after.polarity

    @property
    def complaint(self) -> bool | None:
        """Whether it becomes a complaint or is one no more; None when neither."""
        was, is_one = (each.complaint >= COMPLAINT_FROM for each in (self.before, self.after))
        return None if was == is_one else is_one

    @property
    def aspects(self) -> list[tuple[str, str | None, str | None]]:
        """(aspect, polarity before, after) of those that differ; None: not found."""
        names = dict.fromkeys([*self.before.aspects, *self.after.aspects])
        pairs = [(name, _polarity(self.before, name), _polarity(self.after, name)) for name in names]
        return [each for each in pairs if each[1] != each[2]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a bit found: texts looked at, changes, and the opinion to go on before (None: that was all)."""

    looked_at: int
    changes: list[Change]
    next_id: int | None


def _polarity(opinion: Opinion, aspect: str) -> str | None:
    found = opinion.aspects.get(aspect)
    return found.polarity if found else None


def compare(
    account: Account,
    before: Brand | None,
    after: Brand | None,
    since: datetime,
    before_id: int | None = None,
    concerns: Callable[[str], bool] = lambda _: True,
    seconds: float = SECONDS,
) -> Comparison:
    """The next bit of the texts said since that the account may read, newest first; those that `concerns` says nothing
    of are not read by the engine.
    """
    ends = time.monotonic() + seconds
    looked_at, changes = 0, []
    while True:
        rows = opinions_since(since, before_id, PIECE, chats=account.serves)
        for shown in readable_texts(account, ((row.subject, row.subject_id) for row in rows)).values():
            if concerns(shown.words.text):
                change = _change(shown.words, before, after)
                if change.turned or change.complaint is not None or change.aspects:
                    changes.append(change)
        looked_at += len(rows)
        if len(rows) < PIECE:
            return Comparison(looked_at, changes, None)
        before_id = rows[-1].id
        if time.monotonic() >= ends:
            return Comparison(looked_at, changes, before_id)


def _change(text: Text, before: Brand | None, after: Brand | None) -> Change:
    return Change(text, analyse(text.text, text.channel, before), analyse(text.text, text.channel, after))


@dataclass(frozen=True, slots=True)
class SoFar:
    """What the bits before this one found, as the address of the next one carries it."""

    before_id: int | None
    seen: int
    changed: int

    @classmethod
    def asked(cls, query: MultiDict[str, str]) -> SoFar:
        """From an address; unreadable numbers count as none."""
        before = query.get("before", type=whole_number)
        return cls(before, query.get("seen", 0, whole_number), query.get("changed", 0, whole_number))


def next_bit(
    account: Account,
    before: Brand | None,
    after: Brand | None,
    so_far: SoFar,
    concerns: Callable[[str], bool] = lambda _: True,
) -> dict[str, Any]:
    """A bit of the last days' comparison as `learning/_changes.html` shows it; `goes_to` leads to the next one."""
    bit = compare(account, before, after, utcnow() - timedelta(days=DAYS), so_far.before_id, concerns)
    seen, changed = so_far.seen + bit.looked_at, so_far.changed + len(bit.changes)
    return {
        "bit": bit,
        "seen": seen,
        "changed": changed,
        "room": max(SHOWN - so_far.changed, 0),
        "goes_on": so_far.before_id is not None,
        "days": DAYS,
        "goes_to": {"before": bit.next_id, "seen": seen, "changed": changed},
    }
