"""What a monitoring system reads: /healthz, /readyz, /metrics."""

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialcrm.accounts.models import Account
from socialcrm.community.groups.actions import create_group
from socialcrm.community.topics.actions import open_topic
from socialcrm.customers.actions import create_customer
from socialcrm.database import transaction
from tests.servers import free_port


def test_a_process_that_answers_is_healthy(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_when_every_engine_answers(client: FlaskClient, engines: str) -> None:
    answer = client.get("/readyz")
    names = {"embedded": {"database"}, "full": {"database", "redis", "elasticsearch"}}[engines]
    assert (answer.status_code, answer.json) == (200, dict.fromkeys(names, "ok"))


def test_not_ready_while_an_engine_is_away(app: Flask, client: FlaskClient) -> None:
    away = {
        "redis_url": f"redis://127.0.0.1:{free_port()}/0",
        "elasticsearch_url": f"http://127.0.0.1:{free_port()}",
    }
    app.extensions["config"] = dataclasses.replace(app.extensions["config"], **away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "redis": "down", "elasticsearch": "down"}


def test_metrics_show_what_waits(app: Flask, client: FlaskClient) -> None:
    with transaction():
        create_customer("李娜", source="import")
    text = client.get("/metrics").text
    figures = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["socialcrm_reactions_failed"]) == 0
    assert float(figures["socialcrm_queue_age_seconds"]) >= 0
    assert "socialcrm_reactions_pending" in figures


def test_metrics_say_how_long_a_complaint_took(
    app: Flask, client: FlaskClient, cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    lina = cast["lina"].customer_id
    with transaction():
        group = create_group("发货讨论", kind="product", leader_id=lina)
        open_topic(
            lina, group.id, "订单", "等了三天还没发货,客服一直不理人,太失望了。", acting=cast["lina"].id
        )
    drain()
    text = client.get("/metrics").text
    figures = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["socialcrm_alerts_recent"]) == 1
    assert 0 < float(figures["socialcrm_alert_latency_seconds_max"]) < 60


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 404), ("10.0.0.3", 404)]
)
def test_metrics_are_for_loopback(client: FlaskClient, address: str, status: int) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == status


@pytest.mark.parametrize(("given", "status"), [("Bearer right", 200), ("Bearer wrong", 404), ("", 404)])
def test_with_a_token_only_the_token_opens_metrics(
    app: Flask, client: FlaskClient, given: str, status: int
) -> None:
    app.extensions["config"] = dataclasses.replace(app.extensions["config"], metrics_token="right")
    assert client.get("/metrics", headers={"Authorization": given}).status_code == status
