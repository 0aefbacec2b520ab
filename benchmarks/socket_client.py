"""Thousands of Socket.IO clients in one process that cost little, so that they fit beside the servers they measure.

Speaks Engine.IO 4 over WebSocket only: no polling, no compression, no fragmented frames (the servers send none). Opening
is plain blocking code; listening is one epoll loop over all sockets that looks at a packet's bytes and decodes a hint
once, however many clients receive the same.
"""

import base64
import json
import os
import select
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

CONNECTING_AT_ONCE = 16
TEXT, CLOSE, PING = 0x81, 0x88, 0x89
#: A masked text frame "3" and an empty masked pong; a mask of zeros leaves the bytes as they are.
HEARTBEAT = b"\x81\x81\0\0\0\x003"
PONG = b"\x8a\x80\0\0\0\0"


class Refused(ConnectionError):
    """The server did not open the socket or the room."""


def connect_all(url: str, room: str, clients: int) -> list[socket.socket]:
    """Clients that have joined the room. Raises Refused."""
    with ThreadPoolExecutor(CONNECTING_AT_ONCE) as pool:
        return list(pool.map(lambda _: connect(url, room), range(clients)))


def connect(url: str, room: str) -> socket.socket:
    """One client in the room: WebSocket at `url` (http://host:port), Socket.IO session, join. Raises Refused."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = [
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1) or _closed()
    if b" 101 " not in answer.partition(b"\r\n")[0]:
        raise Refused(answer.partition(b"\r\n")[0].decode())
    _expect(connection, b"0")
    connection.sendall(_masked(b"40"))
    _expect(connection, b"40")
    connection.sendall(_masked(b"420" + json.dumps(["join", {"room": room}]).encode()))
    if not json.loads(_expect(connection, b"430"))[0]["joined"]:
        raise Refused(room)
    return connection


def _closed() -> bytes:
    raise Refused("closed by the server")


def _masked(body: bytes) -> bytes:
    return bytes([TEXT, 128 | len(body), 0, 0, 0, 0]) + body


def _expect(connection: socket.socket, start: bytes) -> bytes:
    while True:
        kind, length = _exactly(connection, 2)
        body = _exactly(
            connection, int.from_bytes(_exactly(connection, 2), "big") if length == 126 else length
        )
        if kind == TEXT and body == b"2":
            connection.sendall(HEARTBEAT)
        elif body.startswith(start):
            return body[len(start) :]


def _exactly(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        found += connection.recv(length - len(found)) or _closed()
    return found


class Listeners:
    """All clients; `delays` holds how late each measured hint was, in seconds."""

    def __init__(self, connections: Sequence[socket.socket]) -> None:
        self.by_number = {connection.fileno(): connection for connection in connections}
        self.left: dict[int, bytes] = {}
        self.sent: dict[bytes, float | None] = {}
        self.delays: list[float] = []
        self.epoll = select.epoll()
        for number, connection in self.by_number.items():
            connection.setblocking(False)
            self.epoll.register(number, select.EPOLLIN)

    def listen(self, hints: int, seconds: float) -> None:
        """Until each client has had `hints` measured hints, or `seconds` have passed."""
        end = time.monotonic() + seconds
        wanted = hints * len(self.by_number)
        while len(self.delays) < wanted and time.monotonic() < end:
            for number, _ in self.epoll.poll(1, 256):
                self._read(number)

    def _read(self, number: int) -> None:
        data = self.by_number[number].recv(65536)
        now = time.time()
        if not data:
            raise ConnectionResetError("closed by the server")
        data = self.left.pop(number, b"") + data
        at = 0
        while len(data) >= at + 2:
            kind, length, begin = data[at], data[at + 1], at + 2
            if length == 126:
                length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if len(data) < begin + length:
                break
            at = begin + length
            self._take(number, kind, data[begin:at], now)
        if at < len(data):
            self.left[number] = data[at:]

    def _take(self, number: int, kind: int, body: bytes, now: float) -> None:
        if kind == CLOSE:
            raise ConnectionResetError("closed by the server")
        if kind == PING:
            self.by_number[number].send(PONG)
        elif body == b"2":
            self.by_number[number].send(HEARTBEAT)
        else:
            sent = self.sent[body] if body in self.sent else self._sent_at(body)
            if sent is not None:
                self.delays.append(now - sent)

    def _sent_at(self, body: bytes) -> float | None:
        """When the hint was sent; None for any other packet."""
        said: list[Any] = json.loads(body[2:]) if body.startswith(b"42") else [""]
        self.sent[body] = said[1].get("sent") if said[0] == "hint" else None
        return self.sent[body]

    def close(self) -> None:
        """Drop the connections."""
        self.epoll.close()
        for connection in self.by_number.values():
            connection.close()
