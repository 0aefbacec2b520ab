"""Every page of the story in a real Chromium, in both themes, on a desk and on a phone: no serious axe finding, and
nothing is wider than the screen, also at 200 % zoom and with the longest texts that people may write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .place import Place

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

#: Who looks at which pages; a word without a slash is one of the place's own.
GUEST = (
    "/", "arrival", "/sign-up", "/sign-in", "/forgot", "/groups", "group", "topic", "/chat", "person",
    "/groups/2", "/topics/999", "/api/v1/",
)  # fmt: skip
MEMBER = (
    "/", "group", "topic", "/topics/new", "group+/topics/new", "group+/members", "group+/rules", "group+/moderation-log",
    "/groups/2/join", "/messages", "/chat", "/me", "/me/points", "/me/people", "/me/orders", "/me/matters", "matter",
    "/me/matters/new", "/me/bookmarks", "/me/data", "/me/consents", "/me/profile", "/me/security", "/search?q=手冲",
)  # fmt: skip
STAFF = (
    "/desk", "alert", "/desk/cases", "case", "/desk/inbox", "inbox", "/desk/customers", "customer", "customer+/value",
    "/desk/report", "/desk/listening", "/desk/listening/spikes", "/desk/listening/words", "/desk/playground", "/desk/model",
    "why+?correct=1", "/desk/playground?example=1", "/desk/model?domain=hotel",
)  # fmt: skip
MANAGER = (
    "/manage", "/manage/groups", "manage", "/manage/moderation", "/desk/listening/products", "/manage/referrals", "/groups/new",
)  # fmt: skip
ADMIN = (
    "/admin", "/admin/people", "/admin/brand", "/admin/security", "/admin/api-keys", "/admin/webhooks", "/admin/imports",
    "/admin/outbox", "/admin/audit", "/admin/reactions", "/admin/consent-texts", "/manage/words", "/desk/teams", "/desk/teams/rules", "/desk/teams/replies",
    "/desk/learning", "/desk/learning/corrections", "/desk/learning/changes", "/desk/learning/rescoring", "/desk/words", "/desk/words/aspects", "/desk/words/lists",
)  # fmt: skip
PAGES = {None: GUEST, "wangqiang": MEMBER, "agent": STAFF, "manager": MANAGER, "admin": ADMIN}
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
RULES = "axe.run({resultTypes: ['violations']})"
#: What a theme can change; the other rules look at the structure, which both themes share.
COLOURS = "axe.run({runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']})"

#: Colours run to their new values for a moment, also where motion is reduced.
SETTLED = "Promise.all(document.getAnimations().map((one) => one.finished))"


@pytest.fixture(scope="module", params=list(PAGES), ids=[who or "guest" for who in PAGES])
def visit(
    request: pytest.FixtureRequest, browser: Browser, place: Place
) -> Iterator[tuple[BrowserContext, tuple[str, ...]]]:
    """A browser of somebody's, and the pages they look at."""
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce", bypass_csp=True)
    if request.param:
        context.add_cookies([{"name": "socialcrm", "value": place.keys[request.param], "url": place.url}])
    yield context, PAGES[request.param]
    context.close()


def address(place: Place, name: str) -> str:
    """Where a page lies."""
    if name.startswith("/"):
        return place.url + name
    first, _, rest = name.partition("+")
    return place.url + place.paths[first] + rest


@pytest.mark.timeout(420)
def test_no_page_has_a_serious_finding_or_overflows(
    visit: tuple[BrowserContext, tuple[str, ...]], place: Place
) -> None:
    context, names = visit
    page = context.new_page()
    found: list[str] = []
    for name in names:
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(address(place, name))
        assert answer is not None
        if not answer.ok and "999" not in name:
            found.append(f"{name} answered {answer.status}")
        page.add_script_tag(path=AXE)
        found += [f"{name} {finding}" for finding in seen_everywhere(page)]
    assert not found, "\n".join(found)


def seen_everywhere(page: Page) -> Iterator[str]:
    """What is wrong with the page as it stands, at each size and in each theme."""
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        for theme, run in (("light", RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate(SETTLED)
            yield from (f"{width} {theme}: {one}" for one in serious_findings(page, run))
    for width in (390, 720, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"is wider than a screen of {width}"


def serious_findings(page: Page, run: str) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands."""
    violations = page.evaluate(f"{run}.then((found) => found.violations)")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
    ]
