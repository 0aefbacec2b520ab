"""Results obey who may see what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from socialcrm.search.documents import KINDS, PUBLIC_KINDS, Viewer
from socialcrm.search.engine import Engine
from socialcrm.search.queries import search_with
from tests.search.corpus import CLOSED, COFFEE, LIFE, documents

MEMBER = Viewer(frozenset({COFFEE, LIFE}))


@pytest.fixture
def filled(engine: Engine, put: Callable[..., None]) -> Engine:
    put(engine, *documents())
    return engine


def groups_and_kinds(engine: Engine, text: str, viewer: Viewer) -> tuple[set[int | None], set[str]]:
    hits = search_with(engine, text, viewer, limit=200).hits
    return {hit.group_id for hit in hits}, {hit.kind for hit in hits}


def test_a_member_finds_only_in_own_groups(filled: Engine) -> None:
    groups, kinds = groups_and_kinds(filled, "咖啡", MEMBER)
    assert groups == {COFFEE, LIFE}
    assert kinds == {"topic", "reply", "group"}


def test_a_guest_finds_only_what_is_public(filled: Engine) -> None:
    assert groups_and_kinds(filled, "品鉴", Viewer()) == ({COFFEE, CLOSED}, {"group"})


def test_staff_without_a_group_finds_customers_but_no_closed_talk(filled: Engine) -> None:
    agent = Viewer(frozenset({COFFEE}), staff=True)
    assert groups_and_kinds(filled, "退款", agent) == ({COFFEE, None}, {"topic", "reply", "case"})
    assert [hit.id for hit in search_with(filled, "lina", agent).hits] == [1]


def test_staff_with_every_group_finds_everything(filled: Engine) -> None:
    groups, _ = groups_and_kinds(filled, "退款", Viewer(staff=True, every_group=True))
    assert groups == {COFFEE, LIFE, CLOSED, None}


@pytest.mark.parametrize("asked", ["李娜", "lina", "13800138000", "8000", "发货延迟投诉"])
def test_customers_and_cases_are_not_found_by_others(filled: Engine, asked: str) -> None:
    hits = search_with(filled, asked, MEMBER, kinds=KINDS, limit=200).hits
    assert {hit.kind for hit in hits} <= set(PUBLIC_KINDS)
    assert search_with(filled, asked, MEMBER, kinds=["customer", "case"]).hits == ()


def test_kinds_narrow_the_results(filled: Engine) -> None:
    hits = search_with(filled, "品鉴", Viewer(staff=True, every_group=True), kinds=["group"]).hits
    assert [hit.kind for hit in hits] == ["group", "group"]


def test_the_last_door_closes_what_the_index_still_shows(filled: Engine) -> None:
    shut = {
        hit.id for hit in search_with(filled, "退款", MEMBER, kinds=["topic"], limit=200).hits if hit.id % 2
    }
    assert shut
    page = search_with(
        filled,
        "退款",
        MEMBER,
        kinds=["topic"],
        limit=200,
        may_open=lambda some: {document.key for document in some if document.id not in shut},
    )
    assert page.hits
    assert not {hit.id for hit in page.hits} & shut


def test_closed_doors_do_not_shorten_a_page(filled: Engine) -> None:
    page = search_with(
        filled,
        "咖啡",
        Viewer(staff=True, every_group=True),
        limit=5,
        may_open=lambda some: {document.key for document in some if document.id % 5 == 0},
    )
    assert len(page.hits) == 5
    assert page.after is not None
