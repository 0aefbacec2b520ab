"""The search page and the staff palette's search."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, select

from ...accounts.models import STAFF_ROLES
from ...accounts.session import current_account, require_role
from ...community.groups.models import Group
from ...database import db
from ...search.analysis import LONGEST_QUERY
from ...search.documents import KINDS, PUBLIC_KINDS
from ...search.engine import SearchUnavailable
from ...search.queries import NOTHING, Hit, Results, search
from .access import door_for, viewer_for

bp = APIBlueprint("finding", __name__, enable_openapi=False)

PALETTE = 8


@bp.get("/search")
def page() -> ResponseReturnValue:
    """Results for `q`, narrowed by `kind`, continued by `after`; a list fragment for "load more"."""
    account = current_account()
    text = request.args.get("q", "").strip()[:LONGEST_QUERY]
    kinds = KINDS if account is not None and account.serves else PUBLIC_KINDS
    kind = request.args.get("kind")
    if kind not in kinds:
        kind = None
    results, broken = _answer(text, (kind,) if kind else ())
    facts = {
        "text": text,
        "results": results,
        "groups": _groups_of(results),
        "next": _next(results, text, kind),
    }
    if request.headers.get("HX-Request") and request.args.get("after"):
        return render_template("search/_hits.html", **facts)
    status = 503 if broken else 200
    return render_template("search/page.html", kinds=kinds, kind=kind, broken=broken, **facts), status


def _answer(text: str, kinds: tuple[str, ...]) -> tuple[Results, bool]:
    """The results, and whether the engine failed to answer."""
    account = current_account()
    viewer, door = viewer_for(account), door_for(account)
    try:
        return search(text, viewer, kinds=kinds, after=request.args.get("after"), may_open=door), False
    except SearchUnavailable:
        return NOTHING, True


def _next(results: Results, text: str, kind: str | None) -> str | None:
    if results.after is None:
        return None
    return url_for("finding.page", q=text, kind=kind, after=results.after)


def _groups_of(results: Results) -> dict[int, Row[*tuple[Any, ...]]]:
    """Group id → (id, name, cover) of the hits' groups, in one query."""
    ids = {hit.group_id for hit in results.hits if hit.group_id is not None}
    if not ids:
        return {}
    rows = db.session.execute(select(Group.id, Group.name, Group.cover).where(Group.id.in_(ids)))
    return {row.id: row for row in rows}


@bp.get("/desk/find")
def palette() -> ResponseReturnValue:
    """What the palette shows for `q`: [{text, more, url, kind}], customers and cases among them for service staff."""
    account = require_role(*STAFF_ROLES)
    text = request.args.get("q", "").strip()
    results = search(text, viewer_for(account), limit=PALETTE, may_open=door_for(account))
    return jsonify([_palette_entry(hit) for hit in results.hits])


def _palette_entry(hit: Hit) -> dict[str, Any]:
    title = "".join(piece.text for piece in hit.title)
    more = "".join(piece.text for piece in hit.excerpt)
    return {"text": title, "more": more, "url": hit.url, "kind": hit.kind}
