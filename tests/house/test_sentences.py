"""`_('…')` in templates: the reader's language, escaped where the template escapes."""

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale, get_domain
from flask_babel import gettext as babel_gettext


@pytest.fixture
def english(app: Flask) -> Flask:
    """English words for two sentences."""
    with app.test_request_context(), force_locale("en"):
        catalog = get_domain().get_translations()._catalog
    catalog |= {
        "你好，%(name)s": "Hello, %(name)s",
        "%(num)d 条回复": "%(num)d replies",
        "最有把握的七成": "The surest 70%",
        "完成 100%%": "100%% done",
    }
    return app


def test_in_the_readers_language_and_in_a_forced_one(english: Flask) -> None:
    with english.test_request_context("/?lang=zh"):
        greeting = "{{ _('你好，%(name)s', name='李娜') }}"
        assert render_template_string(greeting) == "你好，李娜"
        with force_locale("en"):
            assert render_template_string(greeting) == "Hello, 李娜"
            assert babel_gettext("你好，%(name)s", name="李娜") == "Hello, 李娜"
        assert render_template_string(greeting) == "你好，李娜"


def test_facts_are_escaped_and_a_percent_sign_is_doubled_in_the_sentence(english: Flask) -> None:
    with english.test_request_context("/?lang=zh"):
        assert render_template_string("{{ _('你好，%(name)s', name='<b>') }}") == "你好，&lt;b&gt;"
        assert render_template_string("{{ _('完成 100%%') }}") == "完成 100%"
        in_a_text = "{% autoescape false %}{{ _('你好，%(name)s', name='<b>') }}{% endautoescape %}"
        assert render_template_string(in_a_text) == "你好，<b>"


def test_a_per_cent_sign_of_the_translator_breaks_nothing(english: Flask) -> None:
    with english.test_request_context("/?lang=en"):
        assert render_template_string("{{ _('最有把握的七成') }}") == "The surest 70%"


def test_a_trans_block_and_a_number(english: Flask) -> None:
    with english.test_request_context("/?lang=zh"):
        assert (
            render_template_string("{% trans name='<i>' %}你好，{{ name }}{% endtrans %}")
            == "你好，&lt;i&gt;"
        )
        assert render_template_string("{{ ngettext('%(num)d 条回复', '%(num)d 条回复', 3) }}") == "3 条回复"
