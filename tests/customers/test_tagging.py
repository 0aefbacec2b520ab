"""Tags from opinions and traces: tables of examples, then the rows with evidence, consent and withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from socialcrm.accounts.models import Account
from socialcrm.customers.actions import put_fact, record_moods, record_on_timeline, set_consent
from socialcrm.customers.queries import tags_of
from socialcrm.customers.retagging import retag, retag_everybody, tag_from_opinion
from socialcrm.customers.tagging import Traces, shipped_tags, tags_of_opinion, tags_of_traces
from socialcrm.database import transaction, utcnow
from socialcrm.sentiment.engine import analyse

from ..factories import make_account

STORY = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"


def opinion(polarity: str = "neutral", emotion: str = "平静", complaint: float = 0.0, **aspects: str) -> Any:
    said = {name: {"polarity": each, "probability": 0.5, "spans": [[0, 1]]} for name, each in aspects.items()}
    return {
        "polarity": polarity,
        "probability": 0.5,
        "emotion": emotion,
        "complaint": complaint,
        "aspects": said,
    }


def codes(account: Account) -> set[str]:
    return {tag.code for tag, _ in tags_of(account.customer_id)}


@pytest.mark.parametrize(
    ("said", "put", "take"),
    [
        (opinion(), set(), set()),
        (
            opinion("negative", 配送="negative"),
            {"delivery_upset"},
            {"delivery_praise", "delighted"},
        ),
        (opinion(包装="positive"), {"packaging_praise"}, {"packaging_upset"}),
        (opinion(口味="neutral", 环境="positive"), set(), set()),
        (opinion("negative", "愤怒", 0.9), {"angry", "complaint_likely"}, {"delighted"}),
        (opinion("positive", "惊喜"), {"delighted"}, {"angry", "complaint_likely"}),
        (opinion("unsure", complaint=0.59), set(), set()),
    ],
)
def test_an_opinion_puts_and_takes(said: Any, put: set[str], take: set[str]) -> None:
    change = tags_of_opinion(said)
    assert set(change.put) == put and change.take == take


@pytest.mark.parametrize(
    ("traces", "put"),
    [
        (Traces(3, 0, 1), {"newcomer"}),
        (Traces(29, 29, 0), {"newcomer"}),
        (Traces(60, 29, 2, orders=1, spent_cents=19_999), {"first_order"}),
        (Traces(60, 30, 0), {"silent", "never_bought"}),
        (Traces(400, 1, 12, orders=5, spent_cents=200_000), {"highly_engaged", "repeat_buyer", "high_value"}),
        (Traces(400, 1, 1, orders=1, converted_referrals=2), {"first_order", "inviter"}),
        (Traces(400, 1, 1, orders=1, converted_referrals=3), {"first_order", "advocate"}),
        (Traces(400, 1, 1, orders=1, mood=-0.5), {"first_order", "mood_low"}),
        (Traces(400, 1, 1, orders=1, mood=0.41), {"first_order", "mood_high"}),
    ],
)
def test_traces_decide_every_rule_tag(traces: Traces, put: set[str]) -> None:
    change = tags_of_traces(traces)
    rules = {code for code, tag in shipped_tags().items() if tag.kind == "rule"}
    assert set(change.put) == put
    assert set(change.put) | change.take == rules and not set(change.put) & change.take


def test_every_shipped_tag_is_defined_in_both_languages() -> None:
    tags = shipped_tags()
    assert len(tags) >= 30 and {tag.kind for tag in tags.values()} == {"rule", "model", "manual"}
    assert all(all((t.name, t.definition, t.name_en, t.definition_en)) for t in tags.values())


def test_the_storys_sentence_tags_its_writer_with_evidence(cast: dict[str, Account]) -> None:
    lina = cast["lina"]
    with transaction():
        tag_from_opinion(lina.customer_id, analyse(STORY).to_json(), subject="post", subject_id=7)
    found = {tag.name: row.evidence for tag, row in tags_of(lina.customer_id)}
    assert {"配送不满", "客服不满", "包装好评"} <= set(found)
    start, end = found["配送不满"]["spans"][0]
    assert found["配送不满"]["subject_id"] == 7 and 0 <= start < end <= len(STORY)


def test_praise_afterwards_replaces_the_complaint(cast: dict[str, Account]) -> None:
    lina = cast["lina"]
    with transaction():
        tag_from_opinion(lina.customer_id, opinion("negative", 配送="negative"))
        tag_from_opinion(lina.customer_id, opinion("positive", 配送="positive"))
    assert codes(lina) == {"delivery_praise"}


def test_without_the_consent_nothing_is_computed(app: Flask) -> None:
    guest = make_account("不同意", consents=())
    with transaction():
        tag_from_opinion(guest.customer_id, opinion("negative", 配送="negative"))
        put_fact(guest.customer_id, "shop.orders", count=3, net_cents=500_000)
        retag(guest.customer_id)
    assert codes(guest) == set()


def test_withdrawing_deletes_what_was_computed(cast: dict[str, Account]) -> None:
    lina = cast["lina"]
    with transaction():
        record_moods([(lina.customer_id, -0.8, utcnow())])
        tag_from_opinion(lina.customer_id, opinion("negative", 配送="negative"))
        set_consent(lina.customer_id, "profiling", False, source="profile")
    assert codes(lina) == set() and lina.customer.mood is None


def test_the_nightly_round_gives_and_takes_rule_tags(
    cast: dict[str, Account], drain: Callable[[], int]
) -> None:
    lina, now = cast["lina"], utcnow()
    with transaction():
        lina.customer.created_at = now - timedelta(days=90)
        put_fact(lina.customer_id, "shop.orders", count=2, net_cents=230_000)
        for number in range(10):
            record_on_timeline(lina.customer_id, "post", "post", number, now)
    assert retag_everybody() == len(cast)
    assert codes(lina) == {"repeat_buyer", "high_value", "highly_engaged"}
    with transaction():
        put_fact(lina.customer_id, "shop.orders", count=2, net_cents=90_000)
    retag_everybody()
    assert codes(lina) == {"repeat_buyer", "highly_engaged"}
