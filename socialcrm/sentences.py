"""The templates' `_('…')`: the same sentences as Flask-Babel gives, at a tenth of the price.

A page says some hundred sentences. Jinja's own i18n extension makes a context for each one inside a loop, and
Flask-Babel looks up the request for each; here a sentence costs one dictionary read.
"""

from __future__ import annotations

from typing import Any

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def install_sentences(app: Flask) -> None:
    """Let templates use these instead of the extension's."""
    app.jinja_env.globals.update(_=sentence, gettext=sentence, ngettext=counted_sentence)


@pass_eval_context
def sentence(eval_context: EvalContext, text: str, /, **facts: Any) -> str:
    """The sentence in the reader's language, filled with `facts`, which are escaped where the template escapes."""
    return _filled(eval_context, text, _current().gettext(text), facts)


@pass_eval_context
def counted_sentence(eval_context: EvalContext, singular: str, plural: str, num: int, /, **facts: Any) -> str:
    """The sentence for this number; `num` fills itself in."""
    found = _current().ngettext(singular, plural, num)
    return _filled(eval_context, plural, found, {"num": num, **facts})


def _filled(eval_context: EvalContext, asked: str, found: str, facts: dict[str, Any]) -> str:
    """A sentence asked without a place to fill has none in any language: its translation's 70% is a per cent sign."""
    text = Markup(found) if eval_context.autoescape else found  # noqa: S704  # a translator's words, not a customer's
    return text % facts if "%" in asked else text


def _current() -> NullTranslations:
    """The reader's translations, kept where Flask-Babel's `force_locale` and `refresh` forget them."""
    kept = g.get("_flask_babel")
    found: NullTranslations | None = getattr(kept, "babel_translations", None)
    if found is None:
        found = get_domain().get_translations()
        g._flask_babel.babel_translations = found
    return found
