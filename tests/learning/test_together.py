"""Two who press at once: one layer is learned, one round reads, one version is in force."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, select

from socialcrm.accounts.models import Account
from socialcrm.database import db, transaction, utcnow
from socialcrm.sentiment.learning import actions
from socialcrm.sentiment.learning.actions import (
    ask_for_layer,
    checked_word,
    save_word,
    start_rescoring,
    use_version,
)
from socialcrm.sentiment.learning.models import BrandWord, LayerVersion, Rescoring

TWO = 2


def meeting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Both have looked at what is there before one of them goes on, unless one has to wait for the other."""
    barrier, look = threading.Barrier(TWO), getattr(actions, name)

    def look_and_wait(*args: object) -> object:
        seen = look(*args)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)
        return seen

    monkeypatch.setattr(actions, name, look_and_wait)


def together(app: Flask, *deeds: Callable[[], object]) -> list[BaseException]:
    """Do the deeds at once, each in its transaction; what went wrong."""
    wrong: list[BaseException] = []

    def carry_out(deed: Callable[[], object]) -> None:
        with app.app_context():
            try:
                with transaction():
                    deed()
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=carry_out, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return wrong


def test_one_layer_is_learned(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting(monkeypatch, "unfinished_version")
    assert together(app, *[lambda: ask_for_layer(None)] * TWO) == []
    assert db.session.scalar(select(func.count(LayerVersion.id))) == 1


def test_one_round_reads(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting(monkeypatch, "unfinished_rescoring")
    assert together(app, *[lambda: start_rescoring(None)] * TWO) == []
    assert db.session.scalar(select(func.count(Rescoring.id))) == 1


def test_one_version_is_in_force(
    app: Flask, cast: dict[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        rows = [LayerVersion(state="accepted", made_at=utcnow(), figures={}) for _ in range(TWO)]
        db.session.add_all(rows)
    ids, manager = [row.id for row in rows], cast["manager"].id
    meeting(monkeypatch, "version_by_id")

    def use(version_id: int) -> Callable[[], object]:
        return lambda: use_version(db.session.get_one(Account, manager), version_id)

    assert together(app, *map(use, ids)) == []
    assert db.session.scalar(select(func.count(LayerVersion.id)).where(LayerVersion.active)) == 1


def test_a_word_is_kept_once(app: Flask, cast: dict[str, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    admin, word = cast["admin"].id, checked_word("咬脚", "positive", 3)
    keep = lambda: save_word(db.session.get_one(Account, admin), word)  # noqa: E731
    assert together(app, *[keep] * 4) == []
    assert db.session.scalar(select(func.count(BrandWord.id))) == 1
