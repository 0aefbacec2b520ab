"""English is complete: every sentence of a template or form has a translation with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

ROOT = Path(__file__).parents[2]
CATALOG = ROOT / "socialcrm" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def sentences() -> set[str]:
    """What the program says, gathered as `script/translate` does."""
    keywords = {"_": None, "gettext": None, "_l": None, "lazy_gettext": None}
    found: set[str] = set()
    for folder, methods in (
        ("socialcrm", [("**.py", "python")]),
        ("templates", [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]),
    ):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, method_map=methods, keywords=keywords):
            found.update([message] if isinstance(message, str) else message)
    return found


def test_every_sentence_is_translated() -> None:
    with CATALOG.open("rb") as file:
        catalog = {message.id: message.string for message in read_po(file, locale="en") if message.id}
    assert sorted(text for text in sentences() if not catalog.get(text)) == []
    crooked = [
        text
        for text, english in catalog.items()
        if sorted(PLACEHOLDER.findall(str(text))) != sorted(PLACEHOLDER.findall(str(english)))
    ]
    assert crooked == []


def test_a_page_speaks_english_when_asked(app: Flask, client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    assert 'lang="en"' in page and "Groups" in page
