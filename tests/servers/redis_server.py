"""A private Redis. Each user gets its own: publish/subscribe, which Socket.IO needs, ignores database numbers."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.servers.processes import free_port, program, running


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis on 127.0.0.1 that forgets everything when it stops; yields its URL."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="socialcrm-redis-") as scratch:
        folder = Path(scratch)
        with running(redis_command(port, folder), log=folder / "redis.log", ready=lambda: _answers(url)):
            yield url


def redis_command(port: int, folder: Path) -> list[str]:
    """What starts a Redis on `port` that keeps nothing on disk."""
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "save": "", "appendonly": "no"}
    return [
        program("redis-server", "redis-server"),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
