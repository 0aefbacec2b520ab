"""A private Redis. Each user gets its own: publish/subscribe, which Socket.IO needs, ignores database numbers."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.servers.processes import free_port, program, running


@contextmanager
def redis_server(port: int | None = None, *, keep_in: Path | None = None) -> Iterator[str]:
    """A Redis on 127.0.0.1; yields its URL. Forgets everything when it stops, unless `keep_in` names a folder."""
    port = port or free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="socialcrm-redis-") as scratch:
        folder = keep_in or Path(scratch)
        command = [program("redis-server", "redis-server"), *_options(port, folder, kept=keep_in is not None)]
        with running(command, log=folder / "redis.log", ready=lambda: _answers(url)):
            yield url


def _options(port: int, folder: Path, *, kept: bool) -> list[str]:
    options = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes" if kept else "no",
        "appendfsync": "everysec",
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
