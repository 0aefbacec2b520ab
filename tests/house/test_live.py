"""Sockets come and go at any moment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from socialcrm import create_app, live

from ..conftest import embedded_config


def test_who_leaves_while_a_door_is_asked_joins_nothing(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library's own client speaks to the embedded set only; the handler is one for both.
    shutil.copy(empty_database, tmp_path / "socialcrm.db")
    visitor = live.socketio.test_client(create_app(embedded_config(tmp_path)))

    def door(_account: object, _number: int) -> bool:
        visitor.disconnect()
        return True

    monkeypatch.setitem(live._doors, "topic", door)
    visitor.emit("join", {"room": "topic:1"})
    assert not visitor.is_connected()
