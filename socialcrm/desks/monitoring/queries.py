"""The figures of /metrics and the checks of /readyz, read from the engines themselves.

They come from the database, not from counters in a process, so every process gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from statistics import mean

import structlog
from flask import current_app
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis import Redis
from sqlalchemy import and_, select, text

from socialcrm.community.topics.models import Post
from socialcrm.config import Config
from socialcrm.database import db, utcnow
from socialcrm.events import queue_figures
from socialcrm.service.alerts.models import Alert

TIMEOUT_SECONDS = 2
LATENCY_WINDOW = timedelta(hours=1)
LATENCY_ALERTS = 500
log = structlog.get_logger()


def engine_states() -> dict[str, bool]:
    """Which engines of this installation answer, by name."""
    config: Config = current_app.extensions["config"]
    checks: dict[str, Callable[[Config], None]] = {"database": _ask_database}
    if config.engine_set == "full":
        checks |= {"redis": _ask_redis, "elasticsearch": _ask_elasticsearch}
    return {name: _answers(name, check, config) for name, check in checks.items()}


def metrics() -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry()
    for name, words, value in _figures():
        Gauge(f"socialcrm_{name}", words, registry=registry).set(value)
    return generate_latest(registry)


def _figures() -> list[tuple[str, str, float]]:
    queue = queue_figures()
    latency = alert_latency()
    return [
        ("reactions_pending", "Reactions that wait to be carried out", queue["pending"]),
        ("reactions_failed", "Reactions that failed too often and wait for a person", queue["failed"]),
        ("queue_age_seconds", "Age of the oldest event whose reactions wait", queue["oldest_seconds"]),
        ("alerts_recent", "Alerts of the last hour that latency is measured over", float(len(latency))),
        (
            "alert_latency_seconds_mean",
            "From a post to its alert, mean of the last hour",
            mean(latency or [0.0]),
        ),
        (
            "alert_latency_seconds_max",
            "From a post to its alert, longest of the last hour",
            max(latency or [0.0]),
        ),
    ]


def alert_latency() -> list[float]:
    """Seconds from each post to the alert it raised, for the newest alerts of the last hour.

    What was said more than an hour before its alert came by an import and tells nothing about speed.
    """
    since = utcnow() - LATENCY_WINDOW
    rows = db.session.execute(
        select(Post.published_at, Alert.raised_at)
        .join(Alert, and_(Alert.subject == "post", Alert.subject_id == Post.id))
        .where(Alert.raised_at >= since, Post.published_at >= since)
        .order_by(Alert.id.desc())
        .limit(LATENCY_ALERTS)
    )
    return [max(0.0, (row.raised_at - row.published_at).total_seconds()) for row in rows]


def _answers(name: str, check: Callable[[Config], None], config: Config) -> bool:
    try:
        check(config)
    except Exception:
        log.warning("engine_does_not_answer", engine=name, exc_info=True)
        return False
    return True


def _ask_database(config: Config) -> None:
    try:
        db.session.execute(text("SELECT 1"))
    finally:
        db.session.rollback()


def _ask_redis(config: Config) -> None:
    with Redis.from_url(
        str(config.redis_url), socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    ) as client:
        client.ping()


def _ask_elasticsearch(config: Config) -> None:
    # Late: it takes 0.3 s, which the embedded set need not spend.
    from elasticsearch import Elasticsearch

    with Elasticsearch(
        str(config.elasticsearch_url), request_timeout=TIMEOUT_SECONDS, max_retries=0
    ) as client:
        client.cluster.health()
