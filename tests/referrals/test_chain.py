"""Who brought whom: one referrer for ever, no loop, no self-referral, conversion once, refund takes it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction, utcnow
from socialcrm.errors import Conflict
from socialcrm.events import EventRow
from socialcrm.referrals.actions import (
    add_edge,
    announce_due_rewards,
    code_of,
    consider_conversion,
    record_referral,
    reverse_conversion,
    try_referral,
)
from socialcrm.referrals.attribution import Attempt, Signals, flags, refusal, within_window
from socialcrm.referrals.models import RefusedReferral
from socialcrm.referrals.queries import ancestors_of, referral_of
from socialcrm.shop.actions import place_order, refund_order

Cast = dict[str, Account]


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        (Attempt(2, 1, [], None), None),
        (Attempt(1, 1, [], None), "self_referral"),
        (Attempt(1, 3, [2, 1], None), "loop"),
        (Attempt(2, 1, [], 9), "has_referrer"),
        (Attempt(2, 1, [], None, bought_before=True), "customer_already"),
    ],
)
def test_what_may_become_an_edge(attempt: Attempt, reason: str | None) -> None:
    assert refusal(attempt) == reason


def test_signals_flag_and_the_window_is_closed_on_both_sides() -> None:
    assert flags(Signals(same_device=1, by_referrer_last_hour=10), 10) == ["same_device", "burst"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert within_window(start, start + timedelta(days=365), 365)
    assert not within_window(start, start + timedelta(days=366), 365)
    assert not within_window(start, start - timedelta(days=2), 365)


def names(prefix: str) -> list[str]:
    query = select(EventRow.name).where(EventRow.name.startswith(prefix)).order_by(EventRow.id)
    return list(db.session.scalars(query))


def test_a_chain_grows_and_refuses_loops(app: Flask, cast: Cast) -> None:
    a, b, c = (cast[name].customer_id for name in ("lina", "wangqiang", "chenjing"))
    with transaction():
        first = record_referral(b, code_of(a).code)
        second = record_referral(c, code_of(b).code)
        again = record_referral(c, code_of(b).code)
    assert (first.depth, second.depth, again.id) == (1, 2, second.id)
    assert ancestors_of(c) == [b, a]
    for referee, referrer, reason in ((a, c, "loop"), (a, a, "self_referral"), (c, a, "has_referrer")):
        with pytest.raises(Conflict, match=reason), transaction():
            add_edge(referee, referrer)


def test_a_refusal_is_kept_with_its_reason(app: Flask, cast: Cast) -> None:
    a = cast["lina"].customer_id
    with transaction():
        refused = try_referral(a, code_of(a).code)
    assert isinstance(refused, RefusedReferral) and refused.reason == "self_referral"


def test_an_order_converts_once_and_pays_after_the_return_window(app: Flask, cast: Cast) -> None:
    a, b = cast["lina"].customer_id, cast["wangqiang"].customer_id
    with transaction():
        add_edge(b, a, at=utcnow() - timedelta(days=30))
        fresh = place_order(b, source="s", code="1", placed_at=utcnow(), total_cents=12800)
        assert consider_conversion(fresh) is not None
        second = place_order(b, source="s", code="2", placed_at=utcnow(), total_cents=12800)
        assert consider_conversion(second) is None
    assert names("Reward") == []
    referral = referral_of(b)
    assert referral is not None and referral.state == "approved"
    with transaction():
        db.session.get_one(type(referral), referral.id).reward_due_at = utcnow() - timedelta(hours=1)
        db.session.flush()
        assert (announce_due_rewards(), announce_due_rewards()) == (1, 0)
    assert names("Reward") == ["RewardDue"]


def test_an_old_order_pays_at_once_and_its_refund_takes_it_back_once(app: Flask, cast: Cast) -> None:
    a, b = cast["lina"].customer_id, cast["wangqiang"].customer_id
    with transaction():
        add_edge(b, a, at=utcnow() - timedelta(days=30))
        order = place_order(
            b, source="s", code="1", placed_at=utcnow() - timedelta(days=8), total_cents=12800
        )
        consider_conversion(order)
        refund = refund_order(order, source="s", code="r1", amount_cents=12800, at=utcnow())
        assert reverse_conversion(refund) is not None
        assert reverse_conversion(refund) is None
    assert names("Reward") == ["RewardDue"] and names("ReferralReversed") == ["ReferralReversed"]


def test_sharing_the_payment_flags_and_holds_the_reward(app: Flask, cast: Cast) -> None:
    a, b = cast["lina"].customer_id, cast["wangqiang"].customer_id
    with transaction():
        add_edge(b, a, at=utcnow() - timedelta(days=30))
        for number, who in enumerate((a, b)):
            order = place_order(
                who,
                source="s",
                code=str(number),
                placed_at=utcnow() - timedelta(days=8),
                total_cents=100,
                payment_hash="same",
            )
        referral = consider_conversion(order)
    assert referral is not None and (referral.state, referral.reasons) == ("flagged", ["same_payment"])
    assert names("Reward") == []
