"""Live hints over Socket.IO: the only Socket.IO object of the program.

A hint says "something new is in this room", never what: the page then fetches it through the ordinary doors.
Hints are collected in the transaction and emitted after its commit, best effort; a client that reconnects asks
for what came after its last id. Rooms are `topic:12`, `group:3`, `conversation:7`, `customer:5`, `staff:0`;
who may join is decided by the area's access.py, registered with `room_door`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room, leave_room
from socketio import RedisManager

from .config import Config
from .database import after_commit, at_commit, db, telling_a_past

log = structlog.get_logger()
socketio = SocketIO()

Door = Callable[[Any, int], bool]
_doors: dict[str, Door] = {}


def room_door(prefix: str, door: Door) -> None:
    """Let `door(account_or_None, id)` decide who may join rooms `prefix:id`."""
    _doors[prefix] = door


def init_live(app: Flask, config: Config, *, async_mode: str = "threading") -> None:
    """Bind Socket.IO to the app; with Redis, pages and workers only emit and `serve --live` holds the sockets."""
    socketio.init_app(
        app,
        async_mode=async_mode,
        client_manager=_manager(config, only_emits=async_mode != "gevent"),
        cors_allowed_origins=[config.base_url] if config.production else None,
        manage_session=False,
    )


def _manager(config: Config, *, only_emits: bool) -> RedisManager | None:
    """What carries hints between processes; one that only emits need not listen to everybody's hints."""
    if config.redis_url is None:
        return None
    return RedisManager(config.redis_url, channel=f"{config.search_prefix}-live", write_only=only_emits)


def push(room: str, kind: str, thing_id: int, **facts: int | str) -> None:
    """After the commit, hint to `room` that `kind` number `thing_id` is there."""
    if telling_a_past():
        return
    at_commit(_emit_afterwards, {"room": room, "kind": kind, "id": thing_id, **facts})


def _emit_afterwards(messages: list[dict[str, int | str]]) -> None:
    """A transaction says each thing to a room once."""
    for message in {tuple(message.items()): message for message in messages}.values():
        after_commit(partial(_emit, "hint", message, str(message["room"])))


def push_to_staff(kind: str, thing_id: int, **facts: int | str) -> None:
    """Hint to every open staff desk."""
    push("staff:0", kind, thing_id, **facts)


def push_to_topic(topic_id: int, kind: str, thing_id: int, **facts: int | str) -> None:
    """Hint to everybody who has the topic open."""
    push(f"topic:{topic_id}", kind, thing_id, **facts)


def push_to_group(group_id: int, kind: str, thing_id: int, **facts: int | str) -> None:
    """Hint to everybody who has the group open."""
    push(f"group:{group_id}", kind, thing_id, **facts)


def push_to_conversation(conversation_id: int, kind: str, thing_id: int, **facts: int | str) -> None:
    """Hint to both sides of a service conversation."""
    push(f"conversation:{conversation_id}", kind, thing_id, **facts)


def push_to_customer(customer_id: int, kind: str, thing_id: int, **facts: int | str) -> None:
    """Hint to every page this customer has open."""
    push(f"customer:{customer_id}", kind, thing_id, **facts)


def _emit(name: str, message: dict[str, int | str], room: str) -> None:
    if socketio.server is None:
        return
    try:
        socketio.emit(name, message, to=room)
    except Exception:
        log.warning("hint_lost", room=room, exc_info=True)


def may_join(account: Any, room: str) -> bool:
    """Whether this person may join the room; unknown rooms are closed."""
    prefix, _, number = room.partition(":")
    door = _doors.get(prefix)
    return door is not None and number.isdecimal() and len(number) < 18 and door(account, int(number))


def _account() -> Any:
    """Read anew at every join: a socket outlives the request that opened it."""
    from .accounts.session import read_account

    return read_account(session.get("key"))


@socketio.on("join")
def _join(message: Any) -> dict[str, bool]:
    room = message.get("room") if isinstance(message, dict) else None
    try:
        allowed = isinstance(room, str) and may_join(_account(), room)
    finally:
        db.session.rollback()
    if allowed:
        # Who left while the door was asked joins nothing.
        with suppress(ValueError):
            join_room(room)
    return {"joined": bool(allowed)}


@socketio.on("leave")
def _leave(message: Any) -> None:
    room = message.get("room") if isinstance(message, dict) else None
    if isinstance(room, str):
        leave_room(room)


@socketio.on("typing")
def _typing(message: Any) -> None:
    """Relay that somebody types to the others in a conversation or case they are already in; no database."""
    from flask import request
    from flask_socketio import rooms

    room = message.get("room") if isinstance(message, dict) else None
    if isinstance(room, str) and room.startswith(("conversation:", "case:")) and room in rooms(request.sid):  # type: ignore[attr-defined]
        side = message.get("side")
        emit(
            "typing",
            {"room": room, "side": side if side in ("agent", "customer") else ""},
            to=room,
            include_self=False,
        )
