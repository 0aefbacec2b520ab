"""Live hints to 2,000 open pages in the full set: how late, and is any lost?

    python -m benchmarks.sockets [--clients 2000] [--seconds 30]

Two real-time processes behind nginx, Redis between them and the pages; hints are emitted from a third process, as a
page or the worker does; meanwhile the topic page is fetched five times a second. Everything shares this machine: the
clients are one process, and who fetches pages is another, so that neither waits for the other's loop.
"""

import argparse
import multiprocessing
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess

import httpx

from benchmarks.place import Place, place
from benchmarks.socket_client import Listeners, connect_all
from benchmarks.table import percentile, show
from socialcrm.live import socketio
from tests.servers import nginx

HINTS_A_SECOND = 2
PAGES_A_SECOND = 5
LAST_HINT_WITHIN = 10


def listen(url: str, room: str, clients: int, hints: int, seconds: float, report: Connection) -> None:
    """A process of its own: connect, say so, and report the delays of all hints."""
    listeners = Listeners(connect_all(url, room, clients))
    report.send("joined")
    listeners.listen(hints, seconds)
    report.send(listeners.delays)
    listeners.close()


def fetch_pages(url: str, seconds: int, report: Connection) -> None:
    """A process of its own: fetch the page at a steady rate, and report the seconds each took."""
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(16) as pool:
        client.get(url).raise_for_status()
        report.send("ready")
        begun = time.monotonic()
        jobs = []
        for number in range(seconds * PAGES_A_SECOND):
            time.sleep(max(0.0, begun + number / PAGES_A_SECOND - time.monotonic()))
            jobs.append(pool.submit(_fetch, client, url))
        report.send([job.result() for job in jobs])


def _fetch(client: httpx.Client, url: str) -> float:
    started = time.monotonic()
    client.get(url).raise_for_status()
    return time.monotonic() - started


def beside(context: SpawnContext, work: object, *given: object) -> tuple[SpawnProcess, Connection]:
    """`work(*given, report)` in a process of its own, and the end of the pipe it reports to."""
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(*given, theirs), daemon=True)  # type: ignore[arg-type]
    process.start()
    return process, mine


def emit_steadily(room: str, hints: int) -> None:
    """Emit to the room as a page does, a few a second."""
    begun = time.monotonic()
    for number in range(hints):
        time.sleep(max(0.0, begun + number / HINTS_A_SECOND - time.monotonic()))
        socketio.emit("hint", {"room": room, "kind": "post", "id": number, "sent": time.time()}, to=room)


def run(found: Place, clients: int, seconds: int) -> None:
    """Start the processes, measure and print."""
    serving, live = found.made.serve(processes=1), [found.made.live(), found.made.live()]
    room, hints = f"topic:{found.topic_id}", seconds * HINTS_A_SECOND
    ports = [int(str(process.url).rpartition(":")[2]) for process in [serving, *live]]
    context = multiprocessing.get_context("spawn")
    with nginx(pages=ports[:1], live=ports[1:]) as url, found.made.app():
        started = time.monotonic()
        _, heard = beside(context, listen, url, room, clients, hints, seconds + LAST_HINT_WITHIN)
        assert heard.recv() == "joined"
        print(f"{clients} clients joined in {time.monotonic() - started:.1f} s", flush=True)
        _, fetched = beside(context, fetch_pages, f"{url}/topics/{found.topic_id}", seconds)
        assert fetched.recv() == "ready"
        before = [process.cpu_seconds() for process in [serving, *live]]
        emit_steadily(room, hints)
        delays, page_times = heard.recv(), fetched.recv()
        spent = [process.cpu_seconds() - b for process, b in zip([serving, *live], before, strict=True)]
    show(
        f"{clients} Socket.IO clients, 2 real-time processes, {hints} hints",
        [
            ("hints delivered", f"{len(delays)} of {hints * clients}", "all"),
            ("delay of a hint, median", f"{percentile(delays, 0.5) * 1000:.0f} ms", ""),
            ("delay of a hint, p99", f"{percentile(delays, 0.99) * 1000:.0f} ms", "300 ms"),
            (f"topic page at {PAGES_A_SECOND}/s, median", f"{percentile(page_times, 0.5) * 1000:.0f} ms", ""),
            (
                f"topic page at {PAGES_A_SECOND}/s, p99",
                f"{percentile(page_times, 0.99) * 1000:.0f} ms",
                "100 ms",
            ),
            ("CPU of the page process, of the real-time ones", ", ".join(f"{s:.1f} s" for s in spent), ""),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with place("full") as found:
        run(found, asked.clients, asked.seconds)
