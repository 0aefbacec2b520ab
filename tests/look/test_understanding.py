"""Correcting by keyboard and by marking words in a real Chromium, and the playground that answers while one types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from socialcrm.database import db
from socialcrm.sentiment.models import Correction

from .place import COMPLAINT, Place

#: Marks the words with a Range over the text as it is read, the weights beside the words left out.
MARK = """(words) => {
  const block = document.querySelector("#why-drawer [data-quotable]");
  const nodes = []; const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".weighed__weight, .visually-hidden")) nodes.push(walker.currentNode);
  }
  const text = nodes.map((node) => node.data).join(""); const start = text.indexOf(words);
  const at = (place) => { for (const node of nodes) { if (place <= node.length) return [node, place]; place -= node.length; } };
  getSelection().setBaseAndExtent(...at(start), ...at(start + words.length));
  return text;
}"""


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce")
    context.add_cookies([{"name": "socialcrm", "value": place.keys["agent"], "url": place.url}])
    page = context.new_page()
    yield page
    context.close()


def corrections(place: Place) -> list[tuple[str, str | None, str, int | None, bool]]:
    with place.app.app_context():
        rows = db.session.scalars(select(Correction).order_by(Correction.id))
        return [
            (row.what, row.aspect, row.value, row.span_start, row.withdrawn_at is not None) for row in rows
        ]


def test_an_alert_is_corrected_without_leaving_it(page: Page, place: Place) -> None:
    page.goto(place.url + place.paths["alert"])
    expect(page.locator(".said-strip [data-key=n]")).to_be_visible()
    page.keyboard.press("y")
    drawer = page.locator("dialog#why-view")
    expect(drawer.get_by_text("一句一句看")).to_be_visible()
    page.keyboard.press("c")
    expect(drawer.locator("[data-correct]")).to_have_attribute("open", "")
    assert page.evaluate(MARK, "挺好看的") == COMPLAINT
    row = drawer.locator(".correct__aspect", has_text="包装")
    row.locator("[data-take-quote]").click()
    expect(row.locator("input[name$=quote]")).to_have_value("挺好看的")
    row.locator("select").select_option("neutral")
    drawer.get_by_label("负面", exact=True).first.check()
    drawer.get_by_role("button", name="提交纠正").click()
    expect(page.locator(".toast")).to_contain_text("记下了，共 2 处")
    expect(drawer.locator(".told")).to_have_count(2)
    found = [
        ("polarity", None, "negative", None, False),
        ("aspect", "包装", "neutral", COMPLAINT.index("挺好看"), False),
    ]
    assert corrections(place) == found
    page.keyboard.press("Escape")
    expect(page.locator(".said-strip .told")).to_have_count(2)
    page.locator(".said-strip .told", has_text="包装").get_by_role("button", name="撤回").click()
    expect(page.locator(".said-strip .told")).to_have_count(1)
    assert corrections(place)[1][-1]
    assert page.url == place.url + place.paths["alert"]


def test_one_press_corrects_and_one_takes_it_back(page: Page, place: Place) -> None:
    before = len(corrections(place))
    page.goto(place.url + place.paths["alert"])
    page.locator(".said-strip summary", has_text="判断得不对").click()
    page.get_by_role("button", name="不是投诉").click()
    expect(page.locator(".said-strip .told", has_text="不是投诉")).to_be_visible()
    assert corrections(place)[before:] == [("complaint", None, "no", None, False)]
    with page.expect_navigation():
        page.locator(".toast__undo").click()
    assert corrections(place)[before:] == [("complaint", None, "no", None, True)]
    expect(page.locator(".said-strip [data-key=n]")).to_be_visible()


def test_what_was_typed_stays_when_nothing_was_corrected(page: Page, place: Place) -> None:
    page.goto(place.url + place.paths["alert"])
    page.locator(".said-strip [data-key=n]").wait_for()
    page.keyboard.press("n")
    drawer = page.locator("dialog#why-view")
    drawer.get_by_label("为什么").fill("这是反话")
    drawer.get_by_role("button", name="提交纠正").click()
    expect(drawer.locator(".field__error")).to_contain_text("还没有改动")
    expect(drawer.get_by_label("为什么")).to_have_value("这是反话")


def test_the_playground_answers_while_one_types(page: Page, place: Place) -> None:
    page.goto(place.url + "/desk/playground")
    field = page.locator(".try textarea").first
    field.fill("味道真的很好喝，会回购")
    expect(page.locator("#answer .mood").first).to_contain_text("正面")
    expect(page.locator("#answer code")).to_contain_text("味道真的很好喝")
    page.locator("[data-try]", has_text="拉肚子").click()
    expect(page.locator("#answer .mood").first).to_contain_text("负面")
    expect(field).to_have_value("孩子喝了拉肚子，再不处理我就打12315！")
    page.get_by_label("每行一条", exact=True).first.check()
    field.fill("好喝\n难喝")
    expect(page.locator("#answer tbody tr")).to_have_count(2)
