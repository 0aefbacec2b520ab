"""A whole installation as people run it, in processes of its own: for kill tests, the story and the benchmarks."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from flask import Flask

from socialcrm import create_app
from socialcrm.accounts.models import Account
from socialcrm.config import Config
from socialcrm.database import db
from tests.factories import signed_in_key
from tests.servers.processes import end_group, free_port, popen, wait_until

COMMAND = Path(sys.executable).with_name("socialcrm")


@dataclass
class Process:
    """One process of the installation; `restart` puts a new one in its place, as a supervisor would."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    log: Path
    url: str | None = None
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `wait` says when it answers."""
        self.running = popen(self.command, log=self.log, env=self.env, cwd=self.log.parent)

    def wait(self, within: float = 60) -> None:
        """Return once it answers (a process without a port: at once)."""
        if self.url is not None:
            wait_until(self._answers, f"{self.name} (see {self.log})", within)

    def kill(self) -> None:
        """SIGKILL the process and its children, as a crash or a power cut would."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def restart(self) -> None:
        """Kill it and start another."""
        self.kill()
        self.start()

    def stop(self) -> None:
        """Let it end in its own time."""
        if self.running is not None:
            end_group(self.running)
            self.running = None

    def cpu_seconds(self) -> float:
        """CPU time so far of the process and its children that are alive (Linux)."""
        assert self.running is not None
        return sum(_cpu_seconds(pid) for pid in _family(self.running.pid))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).is_success
        except httpx.HTTPError:
            return False


@dataclass
class Installation:
    """Settings, and the processes started so far."""

    env: dict[str, str]
    folder: Path
    processes: list[Process] = field(default_factory=list)

    @property
    def config(self) -> Config:
        """The configuration its processes have."""
        return Config.from_env(self.env)

    def migrate(self) -> None:
        """Make the tables. Raises RuntimeError with what the command said."""
        ended = subprocess.run(
            [COMMAND, "db", "upgrade"], env=self.env, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(f"db upgrade ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application in this process, on the installation's data."""
        app = create_app(self.config)
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    def serve(self, *, processes: int = 1, port: int | None = None) -> Process:
        """Pages (and everything else in the embedded set)."""
        port = port or free_port()
        more = ["--processes", str(processes)] if self.config.engine_set == "full" else []
        return self._start("serve", ["serve", "--port", str(port), *more], port)

    def live(self, port: int | None = None) -> Process:
        """A real-time process of the full set."""
        port = port or free_port()
        return self._start("live", ["serve", "--live", "--port", str(port)], port)

    def worker(self, concurrency: int = 1) -> Process:
        """A Celery worker of the full set."""
        return self._start("worker", ["worker", "--concurrency", str(concurrency)])

    def beat(self) -> Process:
        """The scheduler of the full set."""
        return self._start("beat", ["beat"])

    def _start(self, name: str, arguments: list[str], port: int | None = None) -> Process:
        url = f"http://127.0.0.1:{port}" if port else None
        log = self.folder / f"{name}-{len(self.processes)}.log"
        process = Process(name, [str(COMMAND), *arguments], self.env, log, url)
        self.processes.append(process)
        process.start()
        process.wait()
        return process


@contextmanager
def installation(folder: Path, engines: Mapping[str, str], **settings: str) -> Iterator[Installation]:
    """An installation with its tables made; its processes end with the block. `engines` is {} or a full set."""
    env = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "a secret for tests that is long enough",
        "RATE_LIMITS": "off",
        **engines,
        **settings,
    }
    made = Installation(env, folder)
    made.migrate()
    try:
        yield made
    finally:
        for process in reversed(made.processes):
            process.kill()


class Visitor:
    """A signed-in person's browser, without the screen."""

    def __init__(self, cookie: str, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=20)
        # With a domain, so that the server's own Set-Cookie replaces it.
        self.client.cookies.set("socialcrm", cookie, domain="127.0.0.1")
        self.token = ""

    def post(self, path: str, data: Mapping[str, str]) -> httpx.Response:
        """Send a form, with the page's CSRF token."""
        if not self.token:
            page = self.client.get("/")
            found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
            assert found, page.text[:500]
            self.token = found[1]
        return self.client.post(path, data=data, headers={"X-CSRFToken": self.token})

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()


def session_cookie(app: Flask, account: Account) -> str:
    """The cookie of a browser in which the account is signed in."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookie: str = serializer.dumps({"key": signed_in_key(account)})
    return cookie


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
