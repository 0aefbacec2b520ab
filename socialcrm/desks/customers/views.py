"""The staff's customer list and a customer's story."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.audit import audit
from ...accounts.models import STAFF_ROLES
from ...accounts.session import require_role
from ...customers.actions import put_tag, record_profile_access, tag_called, take_tag
from ...customers.models import Tag, TimelineEntry
from ...customers.queries import has_consent
from ...customers.tagging import shipped_tags
from ...database import transaction
from ...errors import Forbidden
from ...web import moment_and_id, whole_number
from .access import customer_for, customer_with_account, customers_visible_to
from .queries import (
    MOODS,
    PAGE,
    TIMELINE_PAGE,
    Filters,
    consent_history,
    customer_page,
    story_of,
    timeline_page,
)

bp = APIBlueprint("customers", __name__, url_prefix="/desk/customers", enable_openapi=False)


@bp.get("")
def index() -> str:
    """The list with search and filters; a further page comes as rows only."""
    account = require_role(*STAFF_ROLES)
    filters = Filters(**{name: request.args.get(name, "") for name in ("q", "tag", "mood", "account")})
    before_id = request.args.get("before", type=whole_number)
    rows = customer_page(customers_visible_to(account), filters, before_id)
    more = {**vars(filters), "before": rows[-1][0].id} if len(rows) == PAGE else None
    template = "customers/_rows.html" if "HX-Request" in request.headers else "customers/index.html"
    return render_template(template, rows=rows, filters=filters, more=more, tags=shipped_tags(), moods=MOODS)


@bp.get("/<int:customer_id>")
def story(customer_id: int) -> ResponseReturnValue:
    """The whole story; the look is written down where the customer can read it."""
    viewer = require_role(*STAFF_ROLES)
    viewer_id = viewer.id
    customer, account = customer_with_account(viewer, customer_id)
    if customer.merged_into_id is not None:
        return redirect(url_for("customers.story", customer_id=customer.merged_into_id))
    entries, told = timeline_page(customer_id, None), story_of(customer, account)
    page = render_template(
        "customers/story.html",
        story=told,
        entries=entries,
        more=_further(entries),
        tag_choices=_tag_choices(told.manual_tags),
        shipped=shipped_tags(),
    )
    # Written after the page is made: a transaction ends the read before it, and all would be read again.
    with transaction():
        record_profile_access(customer_id, viewer_id, "profile")
    return page


@bp.get("/<int:customer_id>/timeline")
def timeline(customer_id: int) -> str:
    """The next page of the timeline, as rows."""
    customer_for(require_role(*STAFF_ROLES), customer_id)
    entries = timeline_page(customer_id, request.args.get("before", type=moment_and_id))
    return render_template(
        "customers/_timeline.html",
        entries=entries,
        more=_further(entries),
        customer_id=customer_id,
        profiled=has_consent(customer_id, "profiling"),
    )


@bp.get("/<int:customer_id>/consents")
def consents(customer_id: int) -> str:
    """The history of consents with the versions of the texts."""
    customer = customer_for(require_role(*STAFF_ROLES), customer_id)
    return render_template("customers/consents.html", customer=customer, history=consent_history(customer_id))


def _further(entries: list[TimelineEntry]) -> str | None:
    """The key of the page after these, or None at the end."""
    if len(entries) < TIMELINE_PAGE:
        return None
    return f"{entries[-1].at.isoformat()},{entries[-1].id}"


def _tag_choices(own: list[Tag]) -> list[tuple[str, str]]:
    shipped = [(tag.code, tag.name) for tag in shipped_tags().values() if tag.kind == "manual"]
    known = {code for code, _name in shipped}
    return shipped + [(tag.code, tag.name) for tag in own if tag.code not in known]


@bp.post("/<int:customer_id>/tags")
def add_tag(customer_id: int) -> ResponseReturnValue:
    """Give a manual tag, with the reason in own words."""
    account = require_role(*STAFF_ROLES)
    customer_for(account, customer_id)
    code, why = request.form.get("tag", ""), request.form.get("why", "").strip()[:300]
    with transaction():
        if tag_called(code).kind != "manual":
            raise Forbidden("computed_tag")
        put_tag(customer_id, code, why=why, by=account.customer.display_name)
        audit(account, "tag_given", "customer", customer_id, tag=code)
    flash(_("标签加好了。"))
    return redirect(url_for("customers.story", customer_id=customer_id))


@bp.post("/<int:customer_id>/tags/<code>/remove")
def remove_tag(customer_id: int, code: str) -> ResponseReturnValue:
    """Take a manual tag away; a computed one follows its rule and is not taken by hand."""
    account = require_role(*STAFF_ROLES)
    customer_for(account, customer_id)
    with transaction():
        if tag_called(code).kind != "manual":
            raise Forbidden("computed_tag")
        take_tag(customer_id, code)
        audit(account, "tag_taken", "customer", customer_id, tag=code)
    flash(_("标签拿掉了。"))
    return redirect(url_for("customers.story", customer_id=customer_id))
