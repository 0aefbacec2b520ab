"""The sentence for each error code the forms of this room can meet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from ...errors import SocialError

SENTENCES = {
    "no_texts": _("贴上文字，或者选一个文件，每行一条。"),
    "too_many_texts": _("一次最多 %(most)s 条。分几次做，贴的内容还在。"),
    "text_too_long": _("第 %(line)s 条太长了，最多 %(most)s 个字。贴的内容还在。"),
    "line_unreadable": _("第 %(line)s 行读不了：JSON 要有 text 字段，TSV 要有 text 列。"),
    "not_text": _("这个文件不是文字。请存成 UTF-8 或 GB 18030 的文本。"),
    "choice_unknown": _("选项不对，请重新选。"),
}


def show_error(form: FlaskForm, error: SocialError) -> None:
    """Put the error's sentence at the field it is about; raises an error that has none here again."""
    if error.code not in SENTENCES or error.field not in form._fields:
        raise error
    field = form._fields[error.field]
    text = str(SENTENCES[error.code])
    field.errors = [*field.errors, text % error.facts if error.facts else text]
