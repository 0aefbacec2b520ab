"""A private Elasticsearch node, built once from Maven Central (see `elasticsearch_node/README.md`)."""

import fcntl
import hashlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers.processes import program, running

SOURCES = Path(__file__).parent / "elasticsearch_node"
CACHE = Path(__file__).parents[2] / ".cache" / "elasticsearch-node"
BUILD_ATTEMPTS = 3
JVM = (
    "-Xms512m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dfile.encoding=UTF-8",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j.shutdownHookEnabled=false",
)


@contextmanager
def elasticsearch() -> Iterator[str]:
    """A node with no indexes; yields its URL. Builds the node first where that has not been done."""
    home = build_node()
    java = program("java", "openjdk-17-jre-headless")
    with tempfile.TemporaryDirectory(prefix="socialcrm-es-", ignore_cleanup_errors=True) as scratch:
        run = Path(scratch)
        for name in ("data", "logs", "tmp"):
            (run / name).mkdir()
        ports = run / "logs" / "http.ports"
        class_path = f"{home / 'lib'}/*"
        command = [java, *JVM, f"-Djava.io.tmpdir={run / 'tmp'}", "-cp", class_path, "esnode.Main", str(home)]
        settings = [f"path.data={run / 'data'}", f"path.logs={run / 'logs'}", "http.port=0"]
        with running(
            [*command, *settings],
            log=run / "node.log",
            ready=lambda: _answers(ports),
            cwd=run,
            within=120,
            stop_signal=signal.SIGTERM,
        ):
            yield _address(ports)


def build_node() -> Path:
    """The node's home folder, built with Maven when `.cache` does not hold one made from these sources.

    Raises CalledProcessError when Maven fails three times; what it said stands above.
    """
    home = CACHE / f"home-{_sources_hash()}"
    if home.is_dir():
        return home
    maven = program("mvn", "maven")
    program("javac", "openjdk-17-jdk-headless")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            print("building the Elasticsearch test node …", flush=True)
            build = CACHE / "build"
            shutil.rmtree(build, ignore_errors=True)
            shutil.copytree(SOURCES, build)
            _package(maven, build)
            (build / "target" / "home").rename(home)
            shutil.rmtree(build)
    return home


def _sources_hash() -> str:
    files = sorted(file for file in SOURCES.rglob("*") if file.is_file() and file.suffix != ".md")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _package(maven: str, build: Path) -> None:
    for attempt in range(1, BUILD_ATTEMPTS + 1):
        ended = subprocess.run(
            [maven, "-B", "-ntp", "-q", "package"], cwd=build, check=False, capture_output=True, text=True
        )
        if ended.returncode == 0:
            return
        print(
            ended.stdout, ended.stderr, f"Maven ended with {ended.returncode} (attempt {attempt})", flush=True
        )
    ended.check_returncode()


def _address(ports: Path) -> str:
    return f"http://{ports.read_text().splitlines()[0]}"


def _answers(ports: Path) -> bool:
    if not ports.is_file() or not ports.read_text().strip():
        return False
    try:
        health = httpx.get(f"{_address(ports)}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5)
    except httpx.HTTPError:
        return False
    return health.status_code == httpx.codes.OK
