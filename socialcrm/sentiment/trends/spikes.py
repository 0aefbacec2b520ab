"""Finding spikes: the counts of the past weeks as series, judged, told once each. Inside the caller's transaction()."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import func, select

from ...database import db, utcnow
from ...events import announce
from .bursts import PAST_DAYS, Floats, Past, Verdicts, bursting, judge
from .days import Range
from .events import SpikeFound
from .models import Spike, TrendDay

#: group id (0: the whole brand), aspect ("": the text as a whole)
Series = tuple[int, str]
#: A narrower burst with so much of a wider one's surplus is the story; the wider one is not told beside it.
EXPLAINS = 0.5


@dataclass(frozen=True, slots=True)
class Burst:
    """One series' unlikely day."""

    group_id: int
    aspect: str
    day: date
    negatives: int
    texts: int
    usual: float
    usual_share: float
    measure: str
    p: float
    method: str

    @property
    def surplus(self) -> float:
        """Negatives beyond the usual ones."""
        return self.negatives - self.usual


def find_spikes(day: date) -> list[Spike]:
    """Judge the day and keep what bursts; run again it brings the figures up to date and tells nothing twice."""
    return [_keep(burst) for burst in told_once(bursts_on(day))]


def bursts_on(day: date) -> list[Burst]:
    """Every series that bursts on the day. Reads the counts of nine weeks in one query."""
    span = Range.ending(day, PAST_DAYS + 1)
    series, negatives, texts, known = _matrices(span)
    if not series:
        return []
    weekdays = np.array([each.weekday() for each in span.days()], dtype=np.int64)
    past = Past(negatives[:, :-1], texts[:, :-1], known[:, :-1], weekdays[:-1], int(weekdays[-1]))
    verdicts = judge(past, negatives[:, -1], texts[:, -1])
    family = np.array([0 if group_id == 0 else 1 for group_id, _ in series], dtype=np.int64)
    volume, share = bursting(verdicts, negatives[:, -1], texts[:, -1], family)
    return [
        _burst(
            series[at], day, at, negatives[:, -1], texts[:, -1], verdicts, bool(volume[at]), bool(share[at])
        )
        for at in np.flatnonzero(volume | share).tolist()
    ]


def _matrices(span: Range) -> tuple[list[Series], Floats, Floats, np.ndarray]:
    """The series of the span with negatives, texts and whether the place was there, each (series, days)."""
    rows = db.session.execute(
        select(
            TrendDay.group_id,
            TrendDay.aspect,
            TrendDay.day,
            func.sum(TrendDay.negative).label("negatives"),
            func.sum(TrendDay.negative + TrendDay.neutral + TrendDay.positive + TrendDay.unsure).label(
                "texts"
            ),
        )
        .where(TrendDay.product_id == 0, TrendDay.day >= span.first, TrendDay.day <= span.last)
        .group_by(TrendDay.group_id, TrendDay.aspect, TrendDay.day)
    ).all()
    series = sorted({(row.group_id, row.aspect) for row in rows if row.texts})
    place = {each: number for number, each in enumerate(series)}
    negatives = np.zeros((len(series), span.length))
    texts = np.zeros_like(negatives)
    began: dict[int, int] = {}
    for row in rows:
        if not row.texts:
            continue
        at, when = place[row.group_id, row.aspect], (row.day - span.first).days
        negatives[at, when], texts[at, when] = row.negatives, row.texts
        began[row.group_id] = min(when, began.get(row.group_id, when))
    first = np.array([began[group_id] for group_id, _ in series], dtype=np.int64)
    known = np.arange(span.length)[None, :] >= first[:, None]
    return series, negatives, texts, known


def _burst(
    series: Series,
    day: date,
    at: int,
    negatives: Floats,
    texts: Floats,
    verdicts: Verdicts,
    volume: bool,
    share: bool,
) -> Burst:
    return Burst(
        group_id=series[0],
        aspect=series[1],
        day=day,
        negatives=int(negatives[at]),
        texts=int(texts[at]),
        usual=round(float(verdicts.expected[at]), 2),
        usual_share=round(float(verdicts.expected_share[at]), 4),
        measure="both" if volume and share else "volume" if volume else "share",
        p=float(min(verdicts.volume_p[at], verdicts.share_p[at])),
        method="seasonal" if verdicts.seasonal[at] else "bootstrap",
    )


def told_once(bursts: Iterable[Burst]) -> list[Burst]:
    """Of bursts that are one story the one that says most: the narrowest that has most of the wider one's surplus.

    A narrower burst with less of it is a part of the wider one, and is seen on its page.
    """
    found = {(burst.group_id, burst.aspect): burst for burst in bursts}
    dropped: set[Series] = set()
    for (group_id, aspect), burst in found.items():
        wider = [found.get((0, aspect))] if group_id else []
        wider += [found.get((group_id, ""))] if aspect else []
        for other in wider:
            if other is None:
                continue
            if burst.surplus >= EXPLAINS * other.surplus:
                dropped.add((other.group_id, other.aspect))
            else:
                dropped.add((group_id, aspect))
    kept = [burst for series, burst in found.items() if series not in dropped]
    return sorted(kept, key=lambda burst: (burst.p, burst.group_id, burst.aspect))


def _keep(burst: Burst) -> Spike:
    """The spike of this series that holds the day or ended the day before, or a new one, which is announced."""
    spike = db.session.scalar(
        select(Spike)
        .where(
            Spike.group_id == burst.group_id,
            Spike.aspect == burst.aspect,
            Spike.last_day >= burst.day - timedelta(days=1),
            Spike.first_day <= burst.day + timedelta(days=1),
        )
        .order_by(Spike.last_day.desc())
        .limit(1)
        .with_for_update()
    )
    if spike is None:
        spike = Spike(
            group_id=burst.group_id,
            aspect=burst.aspect,
            first_day=burst.day,
            last_day=burst.day,
            note="",
            found_at=utcnow(),
            **_figures(burst),
        )
        db.session.add(spike)
        db.session.flush()
        announce(SpikeFound(spike.id))
        return spike
    spike.first_day, spike.last_day = min(spike.first_day, burst.day), max(spike.last_day, burst.day)
    if burst.day == spike.peak_day or burst.p < spike.p:
        for name, value in _figures(burst).items():
            setattr(spike, name, value)
    db.session.flush()
    return spike


def _figures(burst: Burst) -> dict[str, object]:
    return {
        "peak_day": burst.day,
        "negatives": burst.negatives,
        "texts": burst.texts,
        "usual": burst.usual,
        "usual_share": burst.usual_share,
        "measure": burst.measure,
        "p": burst.p,
        "method": burst.method,
    }


def spikes_since(day: date, *, open_only: bool = False, limit: int = 20) -> Sequence[Spike]:
    """Spikes that lasted until the day or later, those nobody has looked at first, then the newest."""
    query = select(Spike).where(Spike.last_day >= day)
    if open_only:
        query = query.where(Spike.acknowledged_at.is_(None))
    return list(
        db.session.scalars(
            query.order_by(Spike.acknowledged_at.is_not(None), Spike.last_day.desc(), Spike.id.desc()).limit(
                limit
            )
        )
    )
