"""Sockets come and go at any moment."""

from __future__ import annotations

import pytest
from flask import Flask

from socialcrm import live


def test_who_leaves_while_a_door_is_asked_joins_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = live.socketio.test_client(app)

    def door(_account: object, _number: int) -> bool:
        visitor.disconnect()
        return True

    monkeypatch.setitem(live._doors, "topic", door)
    visitor.emit("join", {"room": "topic:1"})
    assert not visitor.is_connected()
