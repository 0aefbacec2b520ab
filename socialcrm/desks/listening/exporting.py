"""The figures as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from ...sentiment.trends.counting import POLARITIES
from ...sentiment.trends.figures import Counts
from ...spreadsheets import BYTE_ORDER_MARK, csv_line


def csv_of(rows: Iterable[Any]) -> str:
    """Counts by day and aspect, with the share of negatives and its interval; begins with a byte order mark."""
    head = [
        _("日期"), _("方面"), _("负面"), _("中性"), _("正面"), _("拿不准"),
        _("负面占比"), _("下限（95%）"), _("上限（95%）"),
    ]  # fmt: skip
    lines = [csv_line(head)]
    for row in rows:
        counts = Counts()
        counts.add(row)
        if not counts.texts:
            continue
        low, high = counts.interval
        shares = [round(value, 4) for value in (counts.share or 0.0, low, high)]
        name = row.aspect or _("整体")
        lines.append(csv_line([row.day, name, *(getattr(counts, each) for each in POLARITIES), *shares]))
    return BYTE_ORDER_MARK + "".join(lines)
