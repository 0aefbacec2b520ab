"""The product's main story in a real browser against a real server, on both sets of engines.

A friend's link, a group, a live topic, a complaint that reaches the desk by itself, a case that is answered,
solved and rated, an order that pays the one who brought him, a chat that turns angry, a manager's day.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.servers import Servers
from tests.servers.installation import COMMAND

from .people import DESKTOP, PHONE, Brand, Person, open_brand, sit_down

COMPLAINT = "等了三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。"
ADDRESS = "wangqiang@example.com"
expect.set_options(timeout=20_000)


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.full)])
def brand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Brand]:
    with ExitStack() as stack:
        engines: dict[str, str] = {}
        if request.param == "full":
            servers: Servers = request.getfixturevalue("servers")
            engines = {
                "DATABASE_URL": stack.enter_context(servers.postgresql.database()),
                "REDIS_URL": request.getfixturevalue("redis_url"),
                "ELASTICSEARCH_URL": servers.elasticsearch_url,
                "SEARCH_PREFIX": f"t{secrets.token_hex(6)}",
            }
        yield stack.enter_context(open_brand(tmp_path, engines))


@pytest.mark.timeout(420)
def test_the_story(brand: Brand, browser: Browser, tmp_path: Path) -> None:
    lina = sit_down(browser, brand, "李娜", DESKTOP, "lina")
    wang = sit_down(browser, brand, "王强", PHONE)
    agent = sit_down(browser, brand, "客服小周", DESKTOP, "agent")
    manager = sit_down(browser, brand, "运营小林", DESKTOP, "manager")
    he_comes_by_her_link(brand, lina, wang)
    he_joins_the_group(brand, wang)
    a_reply_arrives_without_reloading(brand, lina, wang, tmp_path)
    his_complaint_reaches_the_desk(brand, wang, agent)
    the_case_is_answered_solved_and_rated(brand, wang, agent)
    his_order_pays_the_one_who_brought_him(brand, lina, wang, agent, tmp_path)
    a_chat_turns_angry(brand, wang, agent)
    the_manager_keeps_the_group(brand, wang, manager)
    people = (lina, wang, agent, manager)
    assert [complaint for person in people for complaint in person.complaints] == []


def he_comes_by_her_link(brand: Brand, lina: Person, wang: Person) -> None:
    lina.page.goto(f"{brand.url}/me/people")
    link = lina.page.get_by_label("你的邀请链接").input_value()
    assert link.startswith(f"{brand.url}/r/")
    wang.page.goto(link)
    expect(wang.page.get_by_role("main")).to_contain_text("李娜")
    wang.shot("arrival-phone")
    wang.page.get_by_role("main").get_by_role("link", name="加入").first.click()
    expect(wang.page.get_by_text("李娜 邀请你来")).to_be_visible()
    boxes = wang.page.get_by_role("checkbox")
    assert boxes.count() >= 5
    assert not any(boxes.nth(n).is_checked() for n in range(boxes.count()))
    wang.page.locator("[name=display_name]").fill("王强")
    wang.page.locator("[name=login]").fill(ADDRESS)
    wang.page.locator("[name=password]").fill("sanmiao-kafei-88")
    for purpose in ("community", "profiling"):
        wang.page.locator(f"[name=consent_{purpose}]").check()
    wang.shot("sign-up-phone")
    wang.page.get_by_role("button", name="注册").click()
    expect(wang.page.locator("html")).to_contain_text("王强")
    lina.page.goto(f"{brand.url}/me/people")
    reload_until(lina, "王强")


def he_joins_the_group(brand: Brand, wang: Person) -> None:
    wang.page.goto(f"{brand.url}/groups")
    wang.page.get_by_role("link", name="咖啡品鉴交流").first.click()
    wang.page.get_by_role("main").get_by_role("link", name=re.compile("加入")).first.click()
    expect(wang.page.get_by_text("不发广告")).to_be_visible()
    wang.page.get_by_role("button", name="接受群规并加入").click()
    wang.page.wait_for_url(f"**/groups/{brand.group_id}*")
    wang.shot("group-phone")


def a_reply_arrives_without_reloading(brand: Brand, lina: Person, wang: Person, tmp_path: Path) -> None:
    topic = f"{brand.url}/topics/{brand.topic_id}"
    lina.page.goto(topic)
    wang.page.goto(topic)
    wang.page.wait_for_load_state("networkidle")
    lina.page.evaluate("window.notReloaded = true")
    picture = tmp_path / "cup.png"
    Image.new("RGB", (320, 240), (146, 94, 60)).save(picture)
    text = wang.page.get_by_label("友善地说说你的看法")
    text.fill("我一般 92 度，@李娜 你磨得细吗？")
    wang.page.locator("[data-images]").set_input_files(picture)
    wang.page.get_by_role("button", name="发布回复").click()
    expect(wang.page.locator("article.post", has_text="我一般 92 度")).to_be_visible()
    arrived = lina.page.locator("article.post", has_text="我一般 92 度")
    expect(arrived).to_be_visible()
    expect(arrived.locator("img[src^='/files/']")).to_be_visible()
    assert lina.page.evaluate("window.notReloaded") is True
    wang.shot("topic-phone")
    lina.shot("topic-desktop")
    lina.page.goto(f"{brand.url}/messages")
    reload_until(lina, "王强")


def his_complaint_reaches_the_desk(brand: Brand, wang: Person, agent: Person) -> None:
    agent.page.goto(f"{brand.url}/desk")
    expect(agent.page.get_by_text("没有要处理的预警")).to_be_visible()
    agent.page.wait_for_load_state("networkidle")
    wang.page.goto(f"{brand.url}/topics/{brand.topic_id}")
    wang.page.get_by_label("友善地说说你的看法").fill(COMPLAINT)
    wang.page.get_by_role("button", name="发布回复").click()
    row = agent.page.locator("[data-rows] a, [data-rows] [data-row]", has_text="等了三天还没发货").first
    expect(row).to_be_visible()
    expect(agent.page).to_have_title(re.compile(r"\(1\)|（1）"))
    row.click()
    opened = agent.page.locator("#opened")
    marked = opened.locator("blockquote mark, blockquote .mark, blockquote .marked")
    expect(marked.first).to_be_visible()
    for aspect in ("配送", "客服", "包装"):
        expect(opened.get_by_text(aspect).first).to_be_visible()
    expect(agent.page.locator("#story")).to_contain_text("王强")
    expect(agent.page.locator("#story")).to_contain_text("李娜")
    agent.shot("alert-desktop")


def the_case_is_answered_solved_and_rated(brand: Brand, wang: Person, agent: Person) -> None:
    agent.page.goto(f"{brand.url}/desk")
    agent.page.locator("[data-rows] a", has_text="等了三天还没发货").first.click()
    agent.page.locator("#opened").get_by_role("link", name=re.compile("打开工单")).click()
    agent.page.wait_for_url(re.compile(r"/desk/cases/\d+"))
    expect(agent.page.locator("#opened")).to_contain_text("配送")
    agent.page.get_by_label("回复客户").fill("您好，包裹今天上午已经发出，给您添麻烦了。")
    agent.page.get_by_role("button", name="发送").click()
    expect(agent.page.locator(".bubbles")).to_contain_text("包裹今天上午已经发出")
    agent.shot("case-desktop")
    wang.page.goto(f"{brand.url}/me/matters")
    wang.page.get_by_role("main").get_by_role("link", name=re.compile("等了三天")).first.click()
    expect(wang.page.locator(".bubbles")).to_contain_text("包裹今天上午已经发出")
    wang.shot("matter-phone")
    agent.page.get_by_role("button", name=re.compile("^解决")).first.click()
    agent.page.locator("#case-solve [name=solution]").fill("已补发并说明原因。")
    agent.page.get_by_role("button", name="标为已解决").click()
    expect(agent.page.locator("#opened")).to_contain_text("已解决")
    wang.page.reload()
    wang.page.locator("label", has=wang.page.locator("[name=score][value='5']")).click()
    wang.page.get_by_role("button", name="提交评价").click()
    expect(wang.page.get_by_role("main")).to_contain_text("你评了 5 分")
    agent.page.reload()
    expect(agent.page.locator("#opened")).to_contain_text("已关闭")


def his_order_pays_the_one_who_brought_him(
    brand: Brand, lina: Person, wang: Person, agent: Person, tmp_path: Path
) -> None:
    link = re.search(r"https?://\S+/verify/email/\S+", brand.mail_to(ADDRESS, "verify_email"))
    assert link is not None
    wang.page.goto(link.group())
    confirm = wang.page.get_by_role("main").get_by_role("button")
    if confirm.count():
        confirm.first.click()
    orders = tmp_path / "orders.csv"
    today = subprocess.run(
        ["date", "+%F %T"],
        capture_output=True,
        text=True,
        env={"TZ": "Asia/Shanghai", "PATH": "/usr/bin:/bin"},
        check=True,
    )
    orders.write_text(f"订单号,email,下单时间,实付金额\nA1001,{ADDRESS},{today.stdout.strip()},128.00\n")
    bring_in(brand, orders)
    lina.page.goto(f"{brand.url}/me/points")
    reload_until(lina, "你邀请的朋友首次购买")
    lina.shot("points-desktop")
    customer = brand.cast["lina"].customer_id
    agent.page.goto(f"{brand.url}/desk/customers/{customer}/value")
    expect(agent.page.get_by_role("main")).to_contain_text("A1001")
    agent.shot("value-desktop")
    orders.write_text(
        f"订单号,email,下单时间,实付金额,退款金额\nA1001,{ADDRESS},{today.stdout.strip()},128.00,128.00\n"
    )
    bring_in(brand, orders)
    lina.page.goto(f"{brand.url}/me/points")
    reload_until(lina, "邀请奖励收回")
    expect(lina.page.locator(".big-figure, .balance").first).to_contain_text("0")


def bring_in(brand: Brand, orders: Path) -> None:
    command = [COMMAND, "import", "orders", str(orders), "--currency", "CNY"]
    done = subprocess.run(command, env=brand.made.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def a_chat_turns_angry(brand: Brand, wang: Person, agent: Person) -> None:
    agent.page.goto(f"{brand.url}/desk/inbox")
    agent.page.wait_for_load_state("networkidle")
    wang.page.goto(f"{brand.url}/chat")
    wang.page.get_by_label("写给客服").fill("你好，想问下发票怎么开？")
    wang.page.get_by_role("button", name="发送").click()
    row = agent.page.locator("[data-rows]").get_by_text("发票怎么开").first
    expect(row).to_be_visible()
    row.click()
    expect(agent.page.locator("#messages")).to_contain_text("发票怎么开")
    agent.page.wait_for_load_state("networkidle")
    typing = wang.page.get_by_text("客服正在输入")
    for _ in range(10):
        # Typing is told only to who is there: his page may still be on its way into the room.
        agent.page.get_by_label("回复客户").press_sequentially("您好")
        wang.page.wait_for_timeout(1000)
        if typing.is_visible():
            break
    expect(typing).to_be_visible()
    agent.page.get_by_label("回复客户").fill("您好，在订单页点「开发票」就可以。")
    agent.page.get_by_role("button", name="发送").click()
    expect(wang.page.locator("#chat-turns")).to_contain_text("开发票")
    wang.shot("chat-phone")
    wang.page.get_by_label("写给客服").fill("试了三次都失败，你们这服务太差了，我要投诉！")
    wang.page.get_by_role("button", name="发送").click()
    expect(agent.page.locator("#messages")).to_contain_text("我要投诉")
    agent.shot("inbox-desktop")
    agent.page.goto(f"{brand.url}/desk")
    reload_until(agent, "我要投诉")


def the_manager_keeps_the_group(brand: Brand, wang: Person, manager: Person) -> None:
    manager.page.goto(f"{brand.url}/manage")
    expect(manager.page.get_by_role("main")).to_contain_text("咖啡品鉴交流")
    manager.shot("day-desktop")
    manager.page.goto(f"{brand.url}/manage/groups/{brand.group_id}")
    expect(manager.page.get_by_role("main")).to_contain_text("活跃")
    manager.page.goto(f"{brand.url}/topics/{brand.topic_id}")
    post = manager.page.locator("article.post", has_text="我一般 92 度")
    post_id = post.get_attribute("data-id")
    manager.page.goto(f"{brand.url}/posts/{post_id}/hide")
    manager.page.get_by_label(re.compile("理由|原因")).fill("图片与话题无关")
    manager.page.get_by_role("button", name=re.compile("隐藏")).click()
    wang.page.goto(f"{brand.url}/groups/{brand.group_id}/moderation-log")
    expect(wang.page.get_by_role("main")).to_contain_text("图片与话题无关")
    expect(wang.page.get_by_role("main")).not_to_contain_text("运营小林")


def reload_until(person: Person, text: str) -> None:
    """Look again until the worker has got there; a person would do the same."""
    for _ in range(40):
        if person.page.get_by_role("main").get_by_text(text).count():
            break
        person.page.wait_for_timeout(250)
        person.page.reload()
    expect(person.page.get_by_role("main")).to_contain_text(text)
