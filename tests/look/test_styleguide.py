"""The component sheet and the shells in a real Chromium: no serious axe finding, nothing overflows, nothing is refused
by the content security policy, and a customer's page stays light."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "socialcrm" / "static"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/styleguide", "/styleguide/customer", "/styleguide/staff")
MOST_BYTES = 120 * 1024


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_parts_have_no_serious_axe_finding_and_nothing_overflows(
    browser: Browser, address: str, theme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    for path in PAGES:
        answer = page.goto(address + path)
        assert answer is not None and answer.ok
        page.add_script_tag(path=AXE)
        assert serious_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


def serious_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands."""
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    return [
        f"{page.url} {violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
    ]


def test_nothing_on_the_sheet_is_refused_by_the_content_security_policy(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/styleguide")
    page.locator("[data-chart=tree]").scroll_into_view_if_needed()
    page.locator("[data-chart=tree] canvas").wait_for()
    assert [text for text in said if "Content Security Policy" in text or "Error" in text] == []


def test_a_select_is_searched_by_pinyin_initials(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    page.get_by_role("combobox", name="社群").fill("kfj")
    page.get_by_role("option", name="意式咖啡机").click()
    assert page.locator("select[name=group]").input_value() == "意式咖啡机"


def test_what_was_typed_comes_back_after_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    page.get_by_label("写回复").fill("水温九十二度")
    page.get_by_text("草稿已保存").wait_for()
    page.reload()
    assert page.get_by_label("写回复").input_value() == "水温九十二度"


def test_the_palette_finds_a_command_by_pinyin_and_shows_its_key(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/staff")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("输入命令、客户或工单").fill("lgd")
    option = page.get_by_role("option", name="立工单")
    assert option.locator("kbd").inner_text() == "C"


def test_j_and_k_walk_along_the_list(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/staff")
    page.keyboard.press("j")
    focused = "document.activeElement.querySelector('.work-row__title').innerText"
    assert page.evaluate(focused).startswith("陈静")
    page.keyboard.press("k")
    assert page.evaluate(focused).startswith("王强")


def test_a_customers_page_sends_at_most_120_kib_of_styles_and_scripts() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    named = {manifest[name] for name in ("app.css", "core.js", "live.js", "chat.js", "community.js")}
    shared = {path.name for path in STATIC.glob("shared.*.js")}
    sent = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in named | shared)
    assert 20_000 < sent <= MOST_BYTES
