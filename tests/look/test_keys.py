"""An agent works without the mouse, a customer can too: keys, a way past the navigation, a ring that shows, calm motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .place import Place

#: Whether the focused element shows it: a ring of its own or of what it lies in.
RING = """() => {
  for (let one = document.activeElement; one && one !== document.body; one = one.parentElement) {
    for (const part of [null, '::after']) {
      const style = getComputedStyle(one, part);
      if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) return '';
    }
  }
  return document.activeElement.outerHTML.slice(0, 160);
}"""
#: What would move for longer than a blink.
MOVING = """() => [...document.querySelectorAll('*')].filter((one) => {
  const style = getComputedStyle(one);
  const longest = (text) => Math.max(...text.split(',').map((part) => parseFloat(part) * (part.includes('ms') ? 1 : 1000)));
  return longest(style.transitionDuration) > 20 || (style.animationName !== 'none' && longest(style.animationDuration) > 20);
}).map((one) => one.className)"""


@pytest.fixture
def sit(browser: Browser, place: Place) -> Iterator[Callable[[str], Page]]:
    """`sit("agent")`: a page in somebody's browser, where motion is unwanted."""
    opened: list[BrowserContext] = []

    def sit_down(who: str) -> Page:
        context = browser.new_context(
            locale="zh-CN", reduced_motion="reduce", viewport={"width": 1440, "height": 900}
        )
        context.add_cookies([{"name": "socialcrm", "value": place.keys[who], "url": place.url}])
        opened.append(context)
        return context.new_page()

    yield sit_down
    for context in opened:
        context.close()


def focused(page: Page) -> str:
    """The name of the element that has the focus."""
    name: str = page.evaluate("document.activeElement.tagName")
    return name


def test_an_agent_goes_from_the_list_to_an_answer_by_keys(sit: Callable[[str], Page], place: Place) -> None:
    page = sit("agent")
    page.goto(f"{place.url}/desk")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#opened blockquote")).to_be_visible()
    page.keyboard.press("r")
    assert focused(page) == "TEXTAREA"
    page.keyboard.type("jk")
    assert page.locator("#opened textarea").first.input_value() == "jk"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("gd")
    expect(page.get_by_role("option", name="工单").first).to_be_visible()


def test_an_agent_hands_over_and_solves_a_case_by_keys(sit: Callable[[str], Page], place: Place) -> None:
    page = sit("agent")
    page.goto(place.url + place.paths["open_case"])
    # The dialogs come after the case itself.
    page.wait_for_load_state("networkidle")
    page.keyboard.press("a")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("dialog[open] textarea").first).to_be_visible()


def test_a_customer_walks_a_topic_by_tab_and_sees_where(sit: Callable[[str], Page], place: Place) -> None:
    page = sit("wangqiang")
    page.goto(place.url + place.paths["topic"])
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    unseen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        unseen.add(page.evaluate(RING))
    assert {one for one in unseen if not one.startswith("<body")} == {""}


def test_nothing_moves_for_who_wants_no_motion(sit: Callable[[str], Page], place: Place) -> None:
    page = sit("wangqiang")
    for path in ("/", place.paths["topic"], "/chat"):
        page.goto(place.url + path)
        assert page.evaluate(MOVING) == [], path
