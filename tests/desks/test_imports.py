"""Files come in line by line: mapped, validated, reported, resumable, and the same file twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from socialcrm.community.groups.actions import create_group
from socialcrm.community.topics.models import Post, Topic
from socialcrm.customers.models import Consent, Customer, Identity
from socialcrm.database import db, transaction
from socialcrm.desks.imports import running
from socialcrm.desks.imports.fields import BadValue, map_columns, parse_cents, parse_time
from socialcrm.desks.imports.reading import UnreadableFile, columns_of, rows_of
from socialcrm.desks.imports.rows import Options
from socialcrm.desks.imports.running import Outcome, Refused, run_import
from socialcrm.referrals.queries import ancestors_of
from socialcrm.shop.models import Order, Refund

ZONE = ZoneInfo("Asia/Shanghai")


def bring(
    kind: str, path: Path, given: Mapping[str, str] | None = None, **options: object
) -> tuple[Outcome, list[Refused]]:
    refused: list[Refused] = []
    outcome = run_import(
        kind,
        path,
        Options(source=path.name, zone=ZONE, **options),  # type: ignore[arg-type]
        given or {},
        lambda _, lines: refused.extend(lines),
    )
    return outcome, refused


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("text", "cents"), [("1,280.50", 128050), ("¥12", 1200), ("29.335", 2934), ("0", 0), ("12.5元", 1250)]
)
def test_amounts(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize("text", ["", "abc", "-3", "1e5", "１２a"])
def test_bad_amounts(text: str) -> None:
    with pytest.raises(BadValue):
        parse_cents(text)


@pytest.mark.parametrize(
    "text", ["2026-11-01", "2026/11/01", "20261101", "2026年11月01日", "2026-10-31T16:00:00Z"]
)
def test_times_are_in_the_brands_zone(text: str) -> None:
    assert parse_time(text, ZONE).isoformat() == "2026-10-31T16:00:00+00:00"


def test_columns_are_found_by_name_or_given() -> None:
    assert map_columns("posts", ["评论", "时间"], {}) == {"text": "评论", "at": "时间"}
    assert map_columns("posts", ["a", "text"], {"text": "a"}) == {"text": "a"}
    for given in ({"nothing": "a"}, {"text": "b"}):
        with pytest.raises(BadValue):
            map_columns("posts", ["a"], given)


def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path) -> None:
    values = {"text": "好喝，下次再来", "at": "2026-11-01"}
    (tmp_path / "a.csv").write_text("text,at\n好喝，下次再来,2026-11-01\n", encoding="gb18030")
    (tmp_path / "a.tsv").write_text("text\tat\n好喝，下次再来\t2026-11-01\n", encoding="utf-8-sig")
    (tmp_path / "a.jsonl").write_text(json.dumps(values) + "\n")
    book = Workbook()
    for cells in (list(values), list(values.values())):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "a.xlsx")
    for suffix in ("csv", "tsv", "jsonl", "xlsx"):
        assert [row.values for row in rows_of(tmp_path / f"a.{suffix}")] == [values], suffix
    with pytest.raises(UnreadableFile):
        rows_of(tmp_path / "a.pdf")


def test_customers_with_consents_only_with_proof(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "id,姓名,手机,同意,同意凭证\n1,李娜,13800138000,profiling,form-7\n2,王强,13900139000,profiling,\n3,陈静,99,,\n4,,,,\n"
    )
    outcome, refused = bring("customers", path)
    assert (outcome.made, outcome.refused) == (1, 3)
    assert [(each.line, each.code) for each in refused] == [
        (3, "consent_without_proof"),
        (4, "phone_invalid"),
        (5, "name_missing"),
    ]
    assert (count(Customer), count(Consent)) == (1, 1)
    verified = db.session.scalars(select(Identity.kind).where(Identity.verified_at.is_not(None))).all()
    assert verified == ["shop"]
    assert bring("customers", path)[0].present == 1


def test_orders_by_line_and_again(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "cdnow.csv"
    path.write_text(
        "master_id,customer_id,date,cds,amount_usd\n00004,0001,1997-01-01,2,29.33\n00004,0001,1997-01-18,2,29.73\n"
        "00004,0002,1997-13-18,2,29.73\n"
    )
    outcome, refused = bring("orders", path, currency="USD")
    assert (outcome.made, [(r.line, r.code) for r in refused]) == (2, [(4, "time_invalid")])
    assert bring("orders", path, currency="USD")[0].present == 2
    assert count(Order) == 2
    assert bring("orders", path)[1][0].code == "currency_missing"


def test_refunds_come_with_their_order(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("订单号,客户编号,下单时间,金额,退款\nA1,7,2026-11-01,100,100\nA2,7,2026-11-01,100,200\n")
    outcome, refused = bring("orders", path, currency="CNY")
    assert (outcome.made, [r.code for r in refused]) == (1, ["refund_exceeds_order"])
    assert (count(Order), count(Refund)) == (1, 1)


def test_posts_gather_in_a_topic_and_referrals_make_a_chain(app: Flask, tmp_path: Path) -> None:
    with transaction():
        group = create_group("生活", kind="life")
    posts = tmp_path / "hotel.tsv"
    posts.write_text("text\tlabel\n房间很干净\t1\n早餐太差\t0\n\t1\n")
    outcome, refused = bring("posts", posts, group_id=group.id, author="住客")
    assert (outcome.made, outcome.refused, count(Topic), count(Post)) == (2, 1, 1, 2)
    assert bring("posts", posts, group_id=group.id, author="住客")[0].present == 2
    nameless = tmp_path / "other.tsv"
    nameless.write_text("text\n好\n")
    assert bring("posts", nameless, group_id=group.id)[1][0].code == "author_missing"
    people, chain = tmp_path / "p.csv", tmp_path / "r.csv"
    people.write_text("id,name\n1,甲\n2,乙\n3,丙\n")
    chain.write_text("邀请人,被邀请人\n1,2\n2,3\n3,1\n1,9\n")
    bring("customers", people)
    outcome, refused = bring("referrals", chain)
    assert (outcome.made, [r.code for r in refused]) == (2, ["loop", "customer_unknown"])
    third = db.session.scalars(select(Identity.customer_id).where(Identity.value == "3")).one()
    assert len(ancestors_of(third)) == 2


def test_a_cut_off_run_goes_on(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "o.csv"
    path.write_text("id,customer,at,amount\n" + "".join(f"A{n},7,2026-11-01,{n}\n" for n in range(1, 8)))
    monkeypatch.setattr(running, "CHUNK", 3)

    def stop_after_one(rows: int, _: list[Refused]) -> None:
        raise KeyboardInterrupt

    options = Options(source=path.name, zone=ZONE, currency="CNY")
    with pytest.raises(KeyboardInterrupt):
        run_import("orders", path, options, {}, stop_after_one)
    assert count(Order) == 3
    outcome = run_import("orders", path, options, {}, lambda *_: None)
    assert (outcome.resumed_after, outcome.made, count(Order)) == (4, 4, 7)


def test_a_file_without_the_needed_columns_is_refused_whole(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadValue, match="column_missing:customer"):
        bring("orders", path)


ODD_ORDERS = (
    {"amount": "9" * 40},
    {"margin": "9" * 25},
    {"product": "K1", "quantity": "9" * 30},
    {"product": "K" * 81},
    {"payment_hash": "f" * 65},
    {"at": "0001-01-01"},
    {"at": "9999-12-31T23:59:59-08:00"},
    {"id": "A" * 201},
)


def test_a_value_no_database_keeps_costs_its_own_line_only(app: Flask, tmp_path: Path) -> None:
    usual = dict.fromkeys(("margin", "product", "quantity", "payment_hash"), "")
    usual |= {"customer": "7", "at": "2026-11-01", "amount": "5"}
    lines = [usual | {"id": f"A{n}"} | odd for n, odd in enumerate(ODD_ORDERS)]
    lines.append(usual | {"id": "good"})
    path = tmp_path / "o.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    outcome, refused = bring("orders", path, currency="CNY")
    assert (outcome.made, outcome.refused) == (1, len(ODD_ORDERS))
    assert db.session.scalars(select(Order.code)).all() == ["good"]
    assert [(each.field, each.code) for each in refused] == [
        ("amount", "amount_invalid"),
        ("", "value_unfit"),
        ("quantity", "quantity_invalid"),
        ("product", "too_long"),
        ("payment_hash", "too_long"),
        ("at", "time_invalid"),
        ("at", "time_invalid"),
        ("id", "too_long"),
    ]


def test_people_with_odd_cells_come_in_or_are_refused_alone(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    lines = [
        {"id": "1", "name": "李\0娜", "city": "昆\ud83d明", "birthday": ""},
        {"id": "2", "name": "王强", "city": "长" * 61},
        {"id": "3", "name": "陈静", "birthday": "0001-01-01"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    outcome, refused = bring("customers", path)
    assert (outcome.made, [each.code for each in refused]) == (1, ["too_long", "time_invalid"])
    found = db.session.scalars(select(Customer)).one()
    assert (found.display_name, found.city) == ("李娜", "昆?明")


def test_a_gathering_topic_that_was_hidden_refuses_each_line(app: Flask, tmp_path: Path) -> None:
    with transaction():
        group = create_group("生活", kind="life")
    path = tmp_path / "hotel.tsv"
    path.write_text("text\n房间很干净\n")
    bring("posts", path, group_id=group.id, author="住客")
    with transaction():
        db.session.scalars(select(Topic)).one().state = "hidden"
    path.write_text("text\n房间很干净\n早餐太差\n床很软\n")
    outcome, refused = bring("posts", path, group_id=group.id, author="住客")
    assert (outcome.present, outcome.refused) == (1, 2)
    assert {each.code for each in refused} == {"topic_not_open"}


def test_a_jsonl_may_name_a_column_in_a_later_line(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "1", "name": "李娜"}\n{"id": "2", "name": "王强", "city": "昆明"}\n')
    assert columns_of(path) == ["id", "name", "city"]
    bring("customers", path)
    assert db.session.scalars(select(Customer.city).order_by(Customer.id)).all() == [None, "昆明"]
