"""Forms in a real Chromium: what is typed while a message is under way stays, a file can be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .place import Place


@pytest.fixture
def sign_in(browser: Browser, place: Place) -> Iterator[Callable[[str], Page]]:
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce")

    def page_of(who: str) -> Page:
        context.add_cookies([{"name": "socialcrm", "value": place.keys[who], "url": place.url}])
        return context.new_page()

    yield page_of
    context.close()


def test_what_is_typed_while_a_message_is_under_way_stays(
    sign_in: Callable[[str], Page], place: Place
) -> None:
    page = sign_in("wangqiang")
    page.goto(place.url + "/chat")
    held: list[Route] = []
    page.route("**/chat/messages", lambda route: held.append(route))
    area = page.get_by_label("写给客服")
    area.fill("第一句")
    area.press("Enter")
    page.wait_for_function("() => document.querySelector('form.htmx-request, .htmx-request')")
    area.press_sequentially("，第二句写到一半")
    held[0].continue_()
    expect(page.locator(".bubbles")).to_contain_text("第一句")
    expect(area).to_have_value("，第二句写到一半")
    page.reload()
    expect(page.get_by_label("写给客服")).to_have_value("，第二句写到一半")


def test_results_can_be_downloaded_twice(sign_in: Callable[[str], Page], place: Place) -> None:
    page = sign_in("agent")
    page.goto(place.url + "/desk/playground")
    texts = page.locator("textarea[name=texts]")
    for line in ("太失望了", "味道真好"):
        texts.fill(line)
        with page.expect_download() as download:
            page.get_by_role("button", name="下载结果").click()
        assert line in download.value.path().read_text()
