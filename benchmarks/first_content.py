"""When something can be read on a topic page in a slow phone: Chromium at a quarter of this machine's speed.

    python -m benchmarks.first_content [--url http://127.0.0.1:8000] [--path /topics/1] [--rounds 7]

Against a running installation (script/server). Prints the median time to the first content, and what the page sends.
"""

from __future__ import annotations

import argparse
import shutil
import statistics

from playwright.sync_api import Browser, sync_playwright

SLOWER = 4
FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
SENT = """performance.getEntriesByType('resource').filter((one) => /[.](js|css)$/.test(one.name))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--path", default="/topics/1")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        seen = [look(browser, given.url + given.path) for _ in range(given.rounds)]
        browser.close()
    first = statistics.median(one for one, _ in seen)
    print(f"first content at {SLOWER}x slowdown, cold cache: {first:.0f} ms (median of {given.rounds})")
    print(f"styles and scripts as this server sends them: {seen[0][1] / 1024:.0f} KiB")


def look(browser: Browser, url: str) -> tuple[float, int]:
    """Milliseconds to the first content and bytes of styles and scripts, in a fresh browser."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="load")
    page.wait_for_function(f"{FIRST} !== undefined")
    seen = float(page.evaluate(FIRST)), int(page.evaluate(SENT))
    context.close()
    return seen


if __name__ == "__main__":
    main()
