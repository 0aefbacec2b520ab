"""Starting a server program, waiting until it answers, and being sure that it ends."""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LINES_SHOWN = 30


class MissingProgram(RuntimeError):
    """A program that the tests need is not installed; the message names the Debian package."""


class DidNotStart(RuntimeError):
    """A server ended or stayed silent before it was ready; the message holds the end of its log."""


def program(name: str, package: str, *places: Path) -> str:
    """Path of `name` on PATH, in `places` or in the sbin folders; raises MissingProgram naming `package`."""
    folders = [*map(str, places), os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise MissingProgram(f"{name} is not installed. On Debian or Ubuntu: apt-get install {package}")
    return found


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, outside the range that outgoing connections take."""
    for _ in range(200):
        port = random.randint(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DidNotStart("no free port between 20000 and 30000")


def accepts_connections(port: int) -> bool:
    """Whether something listens on `port` of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], what: str, within: float = 30.0) -> None:
    """Return as soon as `condition()` holds; raises TimeoutError naming `what` after `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(0.05)


def popen(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a process group of its own, its output appended to `log`.

    It also ends when this process is killed (on Linux), so that nothing outlives a broken test run.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    within: float = 60.0,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` in a process group of its own until the block ends; enter the block once `ready()` holds.

    Its output goes to `log`. Raises DidNotStart with the end of that log.
    """
    process = popen(command, log=log, env=env, cwd=cwd, user=user)
    try:
        _await_ready(process, ready, str(command[0]), log, within)
        yield process
    finally:
        end_group(process, stop_signal)


def end_group(process: subprocess.Popen[bytes], stop_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask `process` to stop, give it 15 s, then kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _await_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], name: str, log: Path, within: float
) -> None:
    try:
        wait_until(lambda: process.poll() is not None or ready(), name, within)
    except TimeoutError as silent:
        raise DidNotStart(f"{silent}\n{_tail(log)}") from silent
    if process.poll() is not None:
        raise DidNotStart(f"{name} ended with {process.returncode}\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
