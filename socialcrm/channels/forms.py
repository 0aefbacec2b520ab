"""The form of the web chat."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length


def new_key() -> str:
    """A fresh `once` key: a message sent twice with it is stored once."""
    return uuid.uuid4().hex


class ChatForm(FlaskForm):
    text = TextAreaField(
        validators=[
            Length(max=4000, message=_("太长了，最多 4000 个字。写过的内容还在。")),
        ]
    )
    images = MultipleFileField(_("图片"))
    #: A guest's name, asked once and not required.
    name = StringField(_("怎么称呼你"), validators=[Length(max=20)])
    once = HiddenField(default=new_key, validators=[Length(max=40)])
