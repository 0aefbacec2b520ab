"""Live hints to 2,000 open pages in the full set: how late, and is any lost?

    python -m benchmarks.sockets [--clients 2000] [--seconds 30]

Two real-time processes behind nginx, Redis between them and the pages; hints are emitted from a third process, as a
page or the worker does; meanwhile the topic page is fetched five times a second. Everything shares this machine.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Callable

import httpx

from benchmarks.place import Place, place
from benchmarks.socket_client import SocketClient
from benchmarks.table import percentile, show
from socialcrm.live import socketio
from tests.servers import nginx

HINTS_A_SECOND = 2
PAGES_A_SECOND = 5
CONNECTING_AT_ONCE = 50
LAST_HINT_WITHIN = 10


async def measure(url: str, room: str, clients: int, seconds: int, emit: Callable[[int], None]) -> None:
    """Connect, emit, fetch pages meanwhile, and print what arrived."""
    delays: list[float] = []
    listening = [await one for one in await connect_all(url, room, clients)]
    tasks = [asyncio.create_task(listen(client, delays)) for client in listening]
    pages = asyncio.create_task(fetch_pages(f"{url}/topics/{room.partition(':')[2]}", seconds))
    hints = seconds * HINTS_A_SECOND
    for number in range(hints):
        await asyncio.to_thread(emit, number)
        await asyncio.sleep(1 / HINTS_A_SECOND)
    end = time.monotonic() + LAST_HINT_WITHIN
    while len(delays) < hints * clients and time.monotonic() < end:
        await asyncio.sleep(0.1)
    page_times = await pages
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in listening:
        client.close()
    show(
        f"{clients} Socket.IO clients, 2 real-time processes, {hints} hints",
        [
            ("hints delivered", f"{len(delays)} of {hints * clients}", "all"),
            ("delay of a hint, median", f"{percentile(delays, 0.5) * 1000:.0f} ms", ""),
            ("delay of a hint, p99", f"{percentile(delays, 0.99) * 1000:.0f} ms", "300 ms"),
            (
                f"topic page at {PAGES_A_SECOND}/s, p99",
                f"{percentile(page_times, 0.99) * 1000:.0f} ms",
                "100 ms",
            ),
        ],
    )


async def connect_all(url: str, room: str, clients: int) -> list[asyncio.Task[SocketClient]]:
    """Clients in the room, some tens opening at a time."""
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def open_one() -> SocketClient:
        async with gate:
            client = await SocketClient.connect(url)
            await client.join(room)
            return client

    started = time.monotonic()
    tasks = [asyncio.create_task(open_one()) for _ in range(clients)]
    await asyncio.gather(*tasks)
    print(f"{clients} clients joined in {time.monotonic() - started:.1f} s", flush=True)
    return tasks


async def listen(client: SocketClient, delays: list[float]) -> None:
    """Note how late each measured hint is."""
    async for name, *rest in client.events():
        if name == "hint" and "sent" in rest[0]:
            delays.append(time.time() - rest[0]["sent"])


async def fetch_pages(url: str, seconds: int) -> list[float]:
    """Fetch the page at a steady rate; seconds each took."""
    times: list[float] = []

    async def fetch(client: httpx.AsyncClient) -> None:
        started = time.monotonic()
        answer = await client.get(url)
        answer.raise_for_status()
        times.append(time.monotonic() - started)

    async with httpx.AsyncClient(timeout=30) as client:
        running = []
        for _ in range(seconds * PAGES_A_SECOND):
            running.append(asyncio.create_task(fetch(client)))
            await asyncio.sleep(1 / PAGES_A_SECOND)
        await asyncio.gather(*running)
    return times


def run(found: Place, clients: int, seconds: int) -> None:
    """Start the processes and measure."""
    pages, live = found.made.serve(processes=1), [found.made.live(), found.made.live()]
    room = f"topic:{found.topic_id}"
    ports = [int(str(process.url).rpartition(":")[2]) for process in [pages, *live]]
    with nginx(pages=ports[:1], live=ports[1:]) as url, found.made.app():

        def emit(number: int) -> None:
            hint = {"room": room, "kind": "post", "id": number, "sent": time.time()}
            socketio.emit("hint", hint, to=room)

        asyncio.run(measure(url, room, clients, seconds, emit))


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
