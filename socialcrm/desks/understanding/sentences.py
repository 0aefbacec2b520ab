"""The sentence for each error code the forms of this room can meet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from ...errors import SocialError

SENTENCES = {
    "nothing_corrected": _("还没有改动。选出哪里判断得不对，再提交。"),
    "aspect_missing": _("写上方面的名字。"),
    "quote_not_found": _("原文里没有这句话。照原文抄，或在上面选中它。"),
    "opinion_missing": _("这段文字还没有读过，过一会儿再纠正。"),
    "no_texts": _("贴上文字，或者选一个文件，每行一条。"),
    "too_many_texts": _("一次最多 %(most)s 条。分几次做，贴的内容还在。"),
    "text_too_long": _("第 %(line)s 条太长了，最多 %(most)s 个字。贴的内容还在。"),
    "line_unreadable": _("第 %(line)s 行读不了：JSON 要有 text 字段，TSV 要有 text 列。"),
    "not_text": _("这个文件不是文字。请存成 UTF-8 或 GB 18030 的文本。"),
    "choice_unknown": _("选项不对，请重新选。"),
}


def show_error(form: FlaskForm, error: SocialError) -> None:
    """Put the error's sentence at the field it is about, in the row it names; raises one that has none here again."""
    row = form.aspects[error.facts["row"]].form if "row" in error.facts else form
    if error.code not in SENTENCES or error.field not in row._fields:
        raise error
    text = str(SENTENCES[error.code])
    field = row._fields[error.field]
    field.errors = [*field.errors, text % error.facts if error.facts else text]
    if row is not form:
        form.aspects.errors = [one.errors for one in form.aspects]


def quick_error(form: FlaskForm) -> str:
    """One sentence of what is wrong with a correction of one press."""
    return str(next(iter([*form.polarity.errors, *form.complaint.errors]), SENTENCES["choice_unknown"]))
