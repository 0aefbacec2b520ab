"""Rows taken in together leave what rows made one by one leave: the same tables, events and refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from socialcrm.community.groups.actions import create_group
from socialcrm.community.groups.models import Group
from socialcrm.community.topics.models import Mention, Post, Topic
from socialcrm.customers.models import Customer, Identity
from socialcrm.database import db, happening_at, transaction
from socialcrm.desks.imports import running
from socialcrm.desks.imports.rows import Options
from socialcrm.desks.imports.running import run_import
from socialcrm.desks.imports.together import TOGETHER
from socialcrm.events import EventRow
from socialcrm.shop.models import Order, OrderLine, Product, Refund

ORDERS = """订单号,客户编号,下单时间,金额,商品编码,商品名称,数量,退款,币种
A1,7,2026-11-01,100,K1,手冲壶,2,,
A2,8,2026-11-02,59.9,,,,,CNY
A1,7,2026-11-01,100,K1,手冲壶,2,,
A1,9,2026-11-01,100,,,,,
A3,lina@example.com,2026-11-03,10,,,,,
A4,7,2026-11-04,80,K2,豆子,1,30,
A5,7,bad,80,,,,,
A6,10,2026-11-05,80,,,,,YEN2
,11,2026-11-05,0,K1,手冲壶套装,1,,
"""
POSTS = """id,text,author,time,group,title
1,房间很干净,住客甲,2026-11-01,,
2,早餐太差 @李娜,住客乙,2026-11-03,,
3,,住客乙,2026-11-03,,
4,另起一题,住客甲,2026-11-02,,说说早餐
5,不知道的群,住客甲,2026-11-02,没有,
2,早餐太差,住客乙,2026-11-03,,
6,前台热情,住客甲,2026-11-02,,
"""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
#: What is compared, by table; ids are left out where rows made one by one get theirs in another order.
TABLES: dict[type, tuple[str, ...]] = {
    Customer: ("display_name", "source", "created_at"),
    Identity: ("kind", "value"),
    Order: ("source", "code", "placed_at", "total_cents", "currency", "margin_cents"),
    OrderLine: ("quantity", "price_cents"),
    Product: ("code", "name", "price_cents"),
    Refund: ("code", "amount_cents"),
    Topic: ("title", "replies", "last_number", "last_post_at", "excerpt"),
    Post: ("number", "text", "html", "published_at", "channel", "once"),
    Mention: (),
    Group: ("topics", "last_post_at"),
    EventRow: ("name",),
}


def _left() -> dict[str, list[tuple[str, ...]]]:
    return {
        table.__name__: sorted(
            tuple(str(getattr(row, name)) for name in names) for row in db.session.scalars(select(table))
        )
        for table, names in TABLES.items()
    }


@pytest.mark.parametrize(("kind", "text"), [("orders", ORDERS), ("posts", POSTS)])
@pytest.mark.parametrize("chunk", [2, 200])
def test_the_same_is_left(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, text: str, chunk: int
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    monkeypatch.setattr(running, "CHUNK", chunk)
    found = []
    for together in ({}, TOGETHER):
        db.session.remove()
        db.drop_all()
        db.create_all()
        monkeypatch.setattr(running, "TOGETHER", together)
        with happening_at(LONG_AGO), transaction():
            group = create_group("生活", kind="life")
        options = Options("file.csv", ZoneInfo("Asia/Shanghai"), group_id=group.id, currency="CNY")
        refused: list[Any] = []
        outcome = run_import(kind, path, options, {}, lambda _, lines, kept=refused: kept.extend(lines))
        found.append(((outcome.made, outcome.present, outcome.refused), sorted(refused, key=str), _left()))
    (done, lines, left), (done_at_once, lines_at_once, left_at_once) = found
    assert (done_at_once, lines_at_once) == (done, lines)
    for table, rows in left.items():
        assert left_at_once[table] == rows, table
    assert done[2] >= 2
