"""Forms of topics and posts."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional


def fresh_key() -> str:
    """A new key for a form that creates something."""
    return secrets.token_urlsafe(16)


class PostForm(FlaskForm):
    """A reply."""

    text = TextAreaField(_l("回复"))
    images = MultipleFileField(_l("图片"))
    reply_to = IntegerField(_l("回复给"), validators=[Optional()])
    once = HiddenField(default=fresh_key)


class TopicForm(FlaskForm):
    """A topic with its first text."""

    title = StringField(_l("标题"))
    text = TextAreaField(_l("正文"))
    images = MultipleFileField(_l("图片"))
    once = HiddenField(default=fresh_key)


class EditForm(FlaskForm):
    """Another text for a post; `version` is the one the writer began from."""

    title = StringField(_l("标题"))
    text = TextAreaField(_l("正文"))
    version = IntegerField()
