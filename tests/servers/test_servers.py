"""The servers that the other tests stand on start, keep their users apart, and end."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from tests.servers import free_port, full_set, nginx, running, wait_until
from tests.servers.processes import DidNotStart

pytestmark = pytest.mark.full


def test_two_full_sets_share_no_data() -> None:
    with full_set() as one, full_set() as two:
        with psycopg.connect(one["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE mine (id int)")
        with psycopg.connect(two["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
        with (
            redis.Redis.from_url(one["REDIS_URL"]) as first,
            redis.Redis.from_url(two["REDIS_URL"]) as second,
        ):
            first.set("mine", "1")
            assert second.get("mine") is None
        assert one["SEARCH_PREFIX"] != two["SEARCH_PREFIX"]
        assert httpx.get(one["ELASTICSEARCH_URL"]).json()["version"]["number"].startswith("8.")


def test_nginx_sends_pages_and_sockets_to_different_processes() -> None:
    page_port, live_port = free_port(), free_port()
    with nginx(pages=[page_port], live=[live_port]) as url:
        assert httpx.get(url).status_code == 502
        assert httpx.get(f"{url}/socket.io/?transport=polling").status_code == 400


def test_a_server_that_fails_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the disk is full'); raise SystemExit(3)"]
    with (
        pytest.raises(DidNotStart, match="ended with 3\nthe disk is full"),
        running(command, log=tmp_path / "log", ready=lambda: False),
    ):
        pass


def test_a_server_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from tests.servers import running
with running(["sleep", "600"], log=Path(sys.argv[1]) / "log", ready=lambda: True) as process:
    (Path(sys.argv[1]) / "pid").write_text(str(process.pid))
    time.sleep(600)
"""
    pid = tmp_path / "pid"
    user = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2])
    try:
        wait_until(lambda: pid.is_file() and pid.read_text() != "", "the server to start")
        server = int(pid.read_text())
    finally:
        user.kill()
        user.wait()
    wait_until(lambda: not _alive(server), "the server to end", within=10)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()
