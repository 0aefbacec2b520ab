"""`/healthz`, `/readyz` and `/metrics`."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from socialcrm.config import Config
from socialcrm.errors import NotFound

from . import queries

bp = APIBlueprint("monitoring", __name__, enable_openapi=False)


@bp.get("/healthz")
def health() -> Response:
    """The process answers; no engine is asked, so that a slow database does not get the process killed."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readiness() -> tuple[Response, int]:
    """Whether this process can serve: 200, or 503 naming what does not answer."""
    states = queries.engine_states()
    return jsonify({name: "ok" if ok else "down" for name, ok in states.items()}), 200 if all(
        states.values()
    ) else 503


@bp.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for loopback or whoever holds METRICS_TOKEN; to everybody else there is no such page."""
    if not _may_read_metrics():
        raise NotFound
    return Response(queries.metrics(), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    config: Config = current_app.extensions["config"]
    if config.metrics_token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {config.metrics_token}".encode())
    return request.remote_addr is not None and ip_address(request.remote_addr).is_loopback
