"""The Chromium that the system installed, started the same way by tests, benchmarks and screenshots."""

from playwright.sync_api import Browser, Playwright

from tests.servers.processes import MissingProgram, program

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium_path() -> str:
    """Where Chromium is. Raises MissingProgram naming the Debian package."""
    for name in ("chromium", "chromium-browser"):
        try:
            return program(name, "chromium")
        except MissingProgram:
            continue
    return program("google-chrome", "chromium")


def launch(playwright: Playwright) -> Browser:
    """A headless browser with a profile of its own."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=OPTIONS)
