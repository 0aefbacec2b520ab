"""Pictures of the demo brand's pages; see script/screenshots."""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[1]
#: The demo's sign-in cards: role → login; they share one password (socialcrm/commands/seed.py).
LOGINS = {
    "member": "member012@example.com",
    "agent": "agent@shanyu.example.com",
    "manager": "manager@shanyu.example.com",
    "admin": "admin@shanyu.example.com",
}
PASSWORD = "shanyu-demo"  # noqa: S105  printed on the demo's front page
SIZES = {390: 844, 1440: 900}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Shot:
    """One page: its file's name, who looks, where, what is pressed to get there, and the README's width if it is in it."""

    name: str
    role: str | None
    path: str
    press: tuple[str, ...] = ()
    readme: int | None = None


SHOTS = (
    Shot("front", None, "/", readme=1440),
    Shot("sign-up", None, "/sign-up"),
    Shot("sign-in", None, "/sign-in"),
    Shot("invited", "member-link", "/r/", readme=390),
    Shot("home", "member", "/"),
    Shot("groups", "member", "/groups"),
    Shot("group", "member", "/groups", (".group-card__name a",), readme=390),
    Shot("topic", "member", "/", (".topic-item__title a",), readme=390),
    Shot("messages", "member", "/messages"),
    Shot("me", "member", "/me", readme=390),
    Shot("points", "member", "/me/points"),
    Shot("people", "member", "/me/people"),
    Shot("orders", "member", "/me/orders"),
    Shot("matters", "member", "/me/matters"),
    Shot("data", "member", "/me/data"),
    Shot("security", "member", "/me/security"),
    Shot("chat", "member", "/chat"),
    Shot("search", "member", "/search?q=kfj"),
    Shot("alerts", "agent", "/desk", (".work-row",), readme=1440),
    Shot("cases", "agent", "/desk/cases", (".work-row",), readme=1440),
    Shot("inbox", "agent", "/desk/inbox", (".work-row",)),
    Shot("customers", "agent", "/desk/customers"),
    Shot("customer", "agent", "/desk/customers", (".work-row",)),
    Shot("chain", "agent", "/desk/customers?q=李娜", (".work-row", "a[href$='/value']"), readme=1440),
    Shot("report", "agent", "/desk/report"),
    Shot("listening", "agent", "/desk/listening", readme=1440),
    Shot("spike", "agent", "/desk/listening/spikes", (".spike a",)),
    Shot("phrases", "agent", "/desk/listening/words"),
    Shot("playground", "agent", "/desk/playground", readme=1440),
    Shot("model", "agent", "/desk/model"),
    Shot("day", "manager", "/manage", readme=1440),
    Shot("listening", "manager", "/desk/listening", readme=1440),
    Shot("listening-aspect", "manager", "/desk/listening/aspect?aspect=配送&days=90"),
    Shot("listening-texts", "manager", "/desk/listening/texts?polarity=negative"),
    Shot("listening-words", "manager", "/desk/listening/words"),
    Shot("listening-spike", "manager", "/desk/listening/spikes", (".spike__sentence",)),
    Shot("listening-products", "manager", "/desk/listening/products"),
    Shot("why", "agent", "/desk", (".work-row", "[data-key=y]")),
    Shot("why-correct", "agent", "/desk", (".work-row", "[data-key=n]")),
    Shot("playground", "manager", "/desk/playground"),
    Shot("model", "manager", "/desk/model"),
    Shot("moderation", "manager", "/manage/moderation"),
    Shot("referrals", "manager", "/manage/referrals"),
    Shot("admin", "admin", "/admin"),
    Shot("people-of-the-brand", "admin", "/admin/people"),
    Shot("brand", "admin", "/admin/brand"),
    Shot("keys", "admin", "/admin/api-keys"),
    Shot("webhooks", "admin", "/admin/webhooks"),
    Shot("imports", "admin", "/admin/imports"),
    Shot("outbox", "admin", "/admin/outbox"),
    Shot("teams", "admin", "/desk/teams"),
    Shot("learning", "admin", "/desk/learning"),
    Shot("api", None, "/api/v1/"),
    Shot("styleguide", None, "/styleguide"),
)

#: Chromium's complaint about a picture that is not in the sprite is silence; this finds them.
MISSING = """async () => {
  const sprites = {}; const missing = new Set();
  for (const use of document.querySelectorAll('use')) {
    const [file, id] = use.getAttribute('href').split('#');
    sprites[file] ??= await (await fetch(file)).text();
    if (!sprites[file].includes(`id="${id}"`)) missing.add(id);
  }
  return [...missing];
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    given = parser.parse_args()
    target = ROOT / (".cache/screenshots" if given.all else "docs/screenshots")
    target.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for role in dict.fromkeys(shot.role for shot in SHOTS):
            state = signed_in(browser, given.url, role)
            for shot in (shot for shot in SHOTS if shot.role == role):
                for width, theme in views(shot, everything=given.all):
                    complaints += take(browser, given.url, shot, width, theme, state, target, given.language)
        browser.close()
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


def views(shot: Shot, *, everything: bool) -> Iterator[tuple[int, str]]:
    """The widths and themes this page is taken in."""
    if everything:
        yield from ((width, theme) for width in SIZES for theme in THEMES)
    elif shot.readme:
        yield shot.readme, "light"


def signed_in(browser: Browser, url: str, role: str | None) -> dict[str, object] | None:
    """The cookies of somebody with this role; None for a guest."""
    if role not in LOGINS:
        return None
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.locator("input[name=login]").fill(LOGINS[role])
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    state = dict(context.storage_state())
    context.close()
    return state


def take(
    browser: Browser,
    url: str,
    shot: Shot,
    width: int,
    theme: str,
    state: object,
    target: Path,
    language: str = "zh",
) -> list[str]:
    """Save one picture as WebP; what is wrong with the page, in words."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme=theme,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        storage_state=state,  # type: ignore[arg-type]
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    path = invitation(browser, url) if shot.role == "member-link" else shot.path
    if language != "zh":
        path += f"{'&' if '?' in path else '?'}lang={language}"
    answer = page.goto(url + path)
    for pressed in shot.press:
        if page.locator(pressed).count():
            page.locator(pressed).first.click()
            page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    name = f"{shot.name}-{width}-{theme}" + ("" if language == "zh" else f"-{language}")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(target / f"{name}.webp", quality=82, method=6)
    problems = [] if answer is not None and answer.ok else [f"{name}: answered {answer and answer.status}"]
    problems += [f"{name}: {text}" for text in [*said, *faults(page)]]
    context.close()
    return problems


def faults(page: Page) -> list[str]:
    """What is wider than the page, and pictures that are in no sprite."""
    found = [f"no picture called {name}" for name in page.evaluate(MISSING)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


def invitation(browser: Browser, url: str) -> str:
    """The path of 李娜's own link."""
    context = browser.new_context(storage_state=signed_in(browser, url, "member"))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/me/people")
    link = page.locator("#link").input_value()
    context.close()
    return link[link.index("/r/") :]


if __name__ == "__main__":
    sys.exit(main())
