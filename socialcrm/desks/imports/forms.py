"""The form of a file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice


class UploadForm(FlaskForm):
    kind = SelectField(
        _("内容"),
        choices=[
            SelectChoice("customers", _("客户")),
            SelectChoice("orders", _("订单")),
            SelectChoice("posts", _("发言或评论")),
            SelectChoice("referrals", _("推荐关系")),
        ],
    )
    file = FileField(
        _("文件"),
        validators=[FileRequired(_("选一个文件。"))],
        description=_("CSV、TSV、XLSX 或 JSONL，最大 12 MB。更大的文件用命令行 socialcrm import。"),
        render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson"},
    )
