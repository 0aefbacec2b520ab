"""Addresses that are told what happened. Administrators only; a secret is shown once."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.audit import audit
from ...accounts.models import Account
from ...accounts.session import require_role
from ...database import transaction
from ...errors import Invalid
from ...outbox.actions import try_again
from ...outbox.webhooks.actions import add_endpoint, change_endpoint, endpoint_secret, ping, renew_secret
from ...outbox.webhooks.models import WebhookEndpoint
from ...outbox.webhooks.queries import PAGE, deliveries_of, endpoints
from ...web import whole_number
from .access import delivery_for, endpoint_for
from .forms import EVENT_WORDS, URL_SENTENCES, EndpointForm

bp = APIBlueprint("webhooks", __name__, url_prefix="/admin/webhooks", enable_openapi=False)


@bp.get("")
def overview() -> str:
    """Every address and what it is told."""
    require_role("admin")
    return _overview(EndpointForm())


def _overview(form: EndpointForm) -> str:
    return render_template("api/webhooks.html", endpoints=endpoints(), form=form, words=EVENT_WORDS)


@bp.post("")
def add() -> ResponseReturnValue:
    """Add an address and show its secret, this once."""
    acting = require_role("admin")
    form = EndpointForm()
    if form.validate_on_submit():
        try:
            with transaction():
                endpoint = add_endpoint(str(form.url.data), form.events.data or [], made_by_id=acting.id)
                _audit(acting, "webhook_added", endpoint)
            return _endpoint(endpoint, EndpointForm(formdata=None, obj=endpoint), endpoint_secret(endpoint))
        except Invalid as error:
            form.url.errors = [str(URL_SENTENCES[error.code])]
    return _overview(form), 422


@bp.route("/<int:endpoint_id>", methods=["GET", "POST"])
def endpoint(endpoint_id: int) -> ResponseReturnValue:
    """One address: what it is told, and every call to it."""
    acting = require_role("admin")
    found = endpoint_for(acting, endpoint_id)
    form = EndpointForm(obj=found)
    if form.validate_on_submit():
        try:
            with transaction():
                found = endpoint_for(acting, endpoint_id)
                active = bool(form.active.data)
                change_endpoint(found, str(form.url.data), form.events.data or [], active=active)
                _audit(acting, "webhook_changed", found)
            flash(_("保存好了。"))
            return redirect(url_for("webhooks.endpoint", endpoint_id=endpoint_id))
        except Invalid as error:
            form.url.errors = [str(URL_SENTENCES[error.code])]
    return _endpoint(found, form), 422 if form.errors else 200


def _endpoint(found: WebhookEndpoint, form: EndpointForm, secret: str | None = None) -> str:
    calls = deliveries_of(found.id, before_id=request.args.get("before", type=whole_number))
    more = calls[-1].id if len(calls) == PAGE else None
    return render_template(
        "api/webhook.html",
        endpoint=found,
        form=form,
        secret=secret,
        calls=calls,
        more=more,
        words=EVENT_WORDS,
    )


@bp.post("/<int:endpoint_id>/secret")
def renew(endpoint_id: int) -> ResponseReturnValue:
    """Sign with a new secret and show it, this once."""
    acting = require_role("admin")
    with transaction():
        found = endpoint_for(acting, endpoint_id)
        renew_secret(found)
        _audit(acting, "webhook_secret_renewed", found)
    return _endpoint(found, EndpointForm(formdata=None, obj=found), endpoint_secret(found))


@bp.post("/<int:endpoint_id>/ping")
def try_out(endpoint_id: int) -> ResponseReturnValue:
    """Send a call that only tries the address."""
    acting = require_role("admin")
    with transaction():
        ping(endpoint_for(acting, endpoint_id))
    flash(_("试发的一条在路上了，结果会出现在下面。"))
    return redirect(url_for("webhooks.endpoint", endpoint_id=endpoint_id))


@bp.post("/<int:endpoint_id>/deliveries/<int:message_id>/again")
def send_again(endpoint_id: int, message_id: int) -> ResponseReturnValue:
    """Send a call once more, with the key it had, so that the receiver can tell."""
    acting = require_role("admin")
    with transaction():
        message = delivery_for(acting, endpoint_id, message_id)
        if message.state != "queued":
            try_again(message)
    flash(_("再发一次，结果会出现在下面。"))
    return redirect(url_for("webhooks.endpoint", endpoint_id=endpoint_id))


def _audit(acting: Account, deed: str, endpoint: WebhookEndpoint) -> None:
    audit(
        acting, deed, "webhook", endpoint.id, url=endpoint.url, events=endpoint.events, active=endpoint.active
    )
