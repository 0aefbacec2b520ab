"""How long from a complaint to the agent's open screen?

    python -m benchmarks.alert_latency [--engines embedded|full] [--seconds 60]

20 writers each publish a text of about 70 characters every 2 s through the pages, as a browser does. A real Chromium has
the service desk open; a text counts as seen when its row stands in the list. Everything shares this machine.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from playwright.sync_api import Page, sync_playwright

from benchmarks.place import Place, place
from benchmarks.table import percentile, show
from tests.servers import nginx
from tests.servers.chromium import launch
from tests.servers.installation import Visitor

WRITERS = 20
EVERY_SECONDS = 2.0
LAST_ALERT_WITHIN = 20
TEXT = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。单号№{:04d},麻烦你们今天就给个准话,不然我只能申请退款了,以后也不会再来。"
#: Notes when each numbered text is first in the list of alerts; milliseconds since 1970.
WATCH = """() => {
  window.seen = {};
  const list = document.querySelector('[data-rows]');
  const look = () => { for (const [, number] of list.textContent.matchAll(/№(\\d{4})/g)) window.seen[number] ??= Date.now(); };
  new MutationObserver(look).observe(list, { childList: true, subtree: true, characterData: true });
  look();
}"""


def write(
    visitor: Visitor, found: Place, first: int, rounds: int, sent: dict[str, float], begin: float
) -> None:
    """Publish one numbered text every EVERY_SECONDS and note when each was sent."""
    for turn in range(rounds):
        number = f"{first + turn * WRITERS:04d}"
        at = begin + turn * EVERY_SECONDS + first / WRITERS * EVERY_SECONDS
        time.sleep(max(0.0, at - time.time()))
        sent[number] = time.time() * 1000
        answer = visitor.post(
            f"/topics/{found.topic_id}/posts", {"text": TEXT.format(int(number)), "once": f"text-{number}"}
        )
        assert answer.is_redirect, (answer.status_code, answer.text[:1000])


def start(found: Place, engines: str, stack: ExitStack) -> str:
    """Start the processes of the set; the address that browsers use."""
    if engines == "embedded":
        return str(found.made.serve().url)
    processes = [found.made.serve(processes=2), found.made.live(), found.made.live()]
    found.made.worker(concurrency=2)
    found.made.beat()
    ports = [int(str(process.url).rpartition(":")[2]) for process in processes]
    return stack.enter_context(nginx(pages=ports[:1], live=ports[1:]))


def run(found: Place, engines: str, seconds: int) -> None:
    """Measure and print."""
    rounds = int(seconds / EVERY_SECONDS)
    sent: dict[str, float] = {}
    with ExitStack() as stack:
        url = start(found, engines, stack)
        page = open_desk(stack, url, found.agent)
        visitors = [Visitor(cookie, url) for cookie in found.members[:WRITERS]]
        begin = time.time() + 2
        with ThreadPoolExecutor(WRITERS) as pool:
            jobs = [
                pool.submit(write, visitor, found, number, rounds, sent, begin)
                for number, visitor in enumerate(visitors)
            ]
            while not all(job.done() for job in jobs):
                page.wait_for_timeout(200)
            for job in jobs:
                job.result()
        end = time.monotonic() + LAST_ALERT_WITHIN
        while len(seen := page.evaluate("window.seen")) < len(sent) and time.monotonic() < end:
            page.wait_for_timeout(100)
        for visitor in visitors:
            visitor.close()
    delays = [(seen[number] - at) / 1000 for number, at in sent.items() if number in seen]
    show(
        f"Post → alert on the agent's open screen, {engines} set, {WRITERS} writers, {len(sent)} complaints",
        [
            ("seen on the screen", f"{len(delays)} of {len(sent)}", "all"),
            ("median", f"{percentile(delays, 0.5):.2f} s", "2 s"),
            ("p95", f"{percentile(delays, 0.95):.2f} s", "5 s"),
            ("longest", f"{max(delays):.2f} s", ""),
        ],
    )


def open_desk(stack: ExitStack, url: str, cookie: str) -> Page:
    """The service desk in a real browser, watched."""
    playwright = stack.enter_context(sync_playwright())
    browser = launch(playwright)
    stack.callback(browser.close)
    context = browser.new_context(locale="zh-CN")
    context.add_cookies([{"name": "socialcrm", "value": cookie, "url": url}])
    page = context.new_page()
    with page.expect_websocket():
        page.goto(f"{url}/desk")
    page.evaluate(WATCH)
    return page


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engines", choices=["embedded", "full"], default="embedded")
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with place(asked.engines, members=WRITERS, posts=20, LOG_FORMAT="json") as found:
        run(found, asked.engines, asked.seconds)
