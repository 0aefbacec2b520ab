"""Referrals, value, points and the feed of events through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialcrm.accounts.models import Account
from socialcrm.api.feed import api as feed

from .conftest import Program


def test_an_edge_once_and_its_chain(program: Program, cast: dict[str, Account]) -> None:
    lina, wangqiang, chenjing = (cast[name].customer_id for name in ("lina", "wangqiang", "chenjing"))
    first, again = (
        program.ok("POST", "/referrals", {"referee_id": wangqiang, "referrer_id": lina}) for _ in range(2)
    )
    assert first == again
    program.ok("POST", "/referrals", {"referee_id": chenjing, "referrer_id": wangqiang})
    for referee, referrer, reason in (
        (lina, chenjing, "loop"),
        (lina, lina, "self_referral"),
        (chenjing, lina, "has_referrer"),
    ):
        refused = program.post("/referrals", {"referee_id": referee, "referrer_id": referrer})
        assert (refused.status_code, refused.json["title"]) == (409, reason)  # type: ignore[index]
    chain = program.ok("GET", f"/customers/{chenjing}/chain")
    assert [(each["customer_id"], each["level"]) for each in chain["above"]] == [(wangqiang, 1), (lina, 2)]
    below = program.ok("GET", f"/customers/{lina}/chain")["below"]
    assert [(each["customer_id"], each["brought_by_id"]) for each in below] == [
        (wangqiang, lina),
        (chenjing, wangqiang),
    ]
    assert program.ok("GET", f"/customers/{lina}/value")["parts"][0]["customer_id"] == wangqiang
    assert len(program.ok("GET", f"/referrals?referrer_id={lina}")["items"]) == 1


def test_points_are_posted_once_and_never_overspent(program: Program, cast: dict[str, Account]) -> None:
    path = f"/customers/{cast['lina'].customer_id}/points"
    gift = {"points": 50, "reason": "campaign", "source": "autumn-7", "note": "秋季活动"}
    for _ in range(2):
        assert program.ok("POST", path, gift)["balance"] == 50
    differs = program.post(path, {**gift, "points": 60})
    assert (differs.status_code, differs.json["title"]) == (409, "points_differ")  # type: ignore[index]
    assert (
        program.ok("GET", f"{path}/may?spend=50")["may"]
        and not program.ok("GET", f"{path}/may?spend=51")["may"]
    )
    short = program.post(path, {"points": -60, "reason": "redemption", "source": "r1"})
    assert (short.status_code, short.json["title"]) == (409, "points_short")  # type: ignore[index]
    assert program.ok("POST", path, {"points": -20, "reason": "redemption", "source": "r2"})["balance"] == 30
    assert [each["points"] for each in program.ok("GET", f"{path}/history")["items"]] == [-20, 50]


def test_the_feed_is_read_on_from_its_cursor(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SETTLED", timedelta(0))
    before = program.ok("GET", "/events?limit=100")["next_cursor"]
    person = program.ok("POST", "/customers", {"shop": "7", "display_name": "李娜"})
    page = program.ok("GET", f"/events?cursor={before}")
    created = [each for each in page["items"] if each["name"] == "CustomerCreated"]
    assert [each["payload"] for each in created] == [{"customer_id": person["id"]}]
    rest = program.ok("GET", f"/events?cursor={page['next_cursor']}")
    assert rest == {"items": [], "next_cursor": page["next_cursor"]}
