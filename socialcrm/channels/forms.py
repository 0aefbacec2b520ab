"""The form of the web chat."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length


def new_key() -> str:
    """A fresh `once` key: a message sent twice with it is stored once."""
    return uuid.uuid4().hex


class ChatForm(FlaskForm):
    text = TextAreaField(
        validators=[
            DataRequired(_("写点内容再发送。")),
            Length(max=4000, message=_("太长了，最多 4000 个字。写过的内容还在。")),
        ]
    )
    #: A guest's name, asked once and not required.
    name = StringField(_("怎么称呼你"), validators=[Length(max=20)])
    once = HiddenField(default=new_key, validators=[Length(max=40)])
