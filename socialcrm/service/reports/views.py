"""The case report on screen and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from ...accounts.models import SERVICE_ROLES, Account
from ...accounts.session import require_role
from ...days import begin_of, day_from, today, zone
from ...spreadsheets import BYTE_ORDER_MARK, csv_line
from ..desk import asked_number
from .queries import PAGE, ReportRow, every_row, figures, report_page

bp = APIBlueprint("reports", __name__, url_prefix="/desk/report", enable_openapi=False)


def _agent() -> Account:
    return require_role(*SERVICE_ROLES)


def _days() -> tuple[date, date]:
    """The chosen first and last day in the brand's zone; the last 30 days unless they can be read."""
    now = today()
    first = day_from(request.args.get("since")) or now - timedelta(days=29)
    last = day_from(request.args.get("until")) or now
    return first, max(first, last)


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    place = zone()
    return begin_of(first, place), begin_of(last + timedelta(days=1), place)


@bp.get("")
def report() -> ResponseReturnValue:
    """Channel, content, time, analysis, solution, status, satisfaction."""
    acting = _agent()
    first, last = _days()
    since, until = _span(first, last)
    found = report_page(acting, since, until, before=asked_number("before"))
    days: dict[str, Any] = {"since": first.isoformat(), "until": last.isoformat()}
    more = url_for(".report", before=found[-1].case.id, **days) if len(found) == PAGE else None
    return render_template(
        "service/report.html", rows=found, figures=figures(since, until), days=days, more=more
    )


@bp.get("/cases.csv")
def export() -> ResponseReturnValue:
    """The same rows as CSV with a byte order mark, so that spreadsheets read the Chinese."""
    acting = _agent()
    first, last = _days()
    lines = _lines(every_row(acting, *_span(first, last)))
    answer = Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="cases-{first}-{last}.csv"'
    return answer


def _lines(found: Iterable[ReportRow]) -> Iterator[str]:
    head = [
        _("工单"), _("渠道"), _("内容"), _("时间"), _("客户"), _("涉及方面"), _("根本原因"), _("团队"), _("处理人"),
        _("首次回复（工作秒）"), _("解决方案"), _("状态"), _("满意度"), _("评价"),
    ]  # fmt: skip
    yield BYTE_ORDER_MARK + csv_line(head)
    for row in found:
        yield csv_line(_cells(row))


def _cells(row: ReportRow) -> list[Any]:
    case = row.case
    return [
        case.id,
        case.channel,
        case.title,
        format_datetime(case.opened_at, "yyyy-MM-dd HH:mm"),
        case.customer.display_name,
        "、".join(case.aspects),
        case.root_cause,
        case.team.name if case.team else "",
        case.assignee.customer.display_name if case.assignee else "",
        case.first_reply_seconds if case.first_reply_seconds is not None else "",
        case.solution,
        case.status,
        row.rating.score if row.rating else "",
        row.rating.text if row.rating else "",
    ]
