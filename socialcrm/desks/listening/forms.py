"""Forms of the listening desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length


class NoteForm(FlaskForm):
    """What a spike turned out to be."""

    note = TextAreaField(
        _("是怎么回事"),
        [DataRequired(_("写一句是怎么回事，同事会看到。")), Length(max=500, message=_("最多 500 字。"))],
        description=_("例如：华东仓停运两天，已换快递。"),
    )
