"""A Socket.IO client that costs little, so that two thousand of them fit beside the servers they measure.

Speaks Engine.IO 4 over WebSocket only: no polling, no compression, no fragmented frames (the servers send none).
"""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(ConnectionError):
    """The server did not open the socket or the room."""


class SocketClient:
    """One connected client; `connect` makes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, url: str, cookie: str = "") -> "SocketClient":
        """Open the WebSocket at `url` (http://host:port) and the Socket.IO session in it."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *([f"Cookie: socialcrm={cookie}"] if cookie else []),
        ]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in answer.partition(b"\r\n")[0]:
            raise Refused(answer.partition(b"\r\n")[0].decode())
        client = cls(reader, writer)
        await client._expect("0")
        client.send("40")
        await client._expect("40")
        return client

    async def join(self, room: str) -> None:
        """Enter a room. Raises Refused when the server says no."""
        self.send("420" + json.dumps(["join", {"room": room}]))
        answer = await self._expect("430")
        if not json.loads(answer)[0]["joined"]:
            raise Refused(room)

    def send(self, text: str) -> None:
        """Send one text frame (at most 65,535 bytes)."""
        self._frame(TEXT, text.encode())

    async def events(self) -> AsyncIterator[list[Any]]:
        """Each event `[name, …]` as it arrives, until the server closes."""
        while True:
            packet = await self._packet()
            if packet.startswith("42"):
                yield json.loads(packet[2:])

    def close(self) -> None:
        """Drop the connection."""
        self.writer.close()

    async def _expect(self, start: str) -> str:
        while True:
            packet = await self._packet()
            if packet.startswith(start):
                return packet[len(start) :]

    async def _packet(self) -> str:
        """The next Engine.IO packet that is not a heartbeat; heartbeats are answered."""
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 127
            if length >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
            body = await self.reader.readexactly(length)
            kind = first & 15
            if kind == CLOSE:
                raise ConnectionResetError("closed by the server")
            if kind == PING:
                self._frame(PONG, body)
            elif body == b"2":
                self.send("3")
            elif kind == TEXT:
                return body.decode()

    def _frame(self, kind: int, body: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
        size = (
            bytes([128 | len(body)]) if len(body) < 126 else bytes([128 | 126]) + len(body).to_bytes(2, "big")
        )
        self.writer.write(bytes([128 | kind]) + size + mask + masked)
