"""The form of a file; the words of its fields."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

FIELD_WORDS = {
    "id": _("编号"),
    "name": _("姓名"),
    "email": _("邮箱"),
    "phone": _("手机"),
    "city": _("城市"),
    "gender": _("性别"),
    "birthday": _("生日"),
    "at": _("时间"),
    "consents": _("同意的用途"),
    "consent_proof": _("同意凭证"),
    "customer": _("客户（客户号、邮箱或手机）"),
    "amount": _("金额"),
    "currency": _("币种"),
    "margin": _("毛利"),
    "product": _("商品编码"),
    "product_name": _("商品名称"),
    "quantity": _("数量"),
    "refunded": _("退款金额"),
    "refunded_at": _("退款时间"),
    "payment_hash": _("支付方式的哈希"),
    "address_hash": _("地址的哈希"),
    "text": _("正文"),
    "title": _("标题"),
    "author": _("作者"),
    "group": _("社群"),
    "referrer": _("推荐人"),
    "referee": _("被推荐人"),
    "type": _("类型"),
}
SENTENCES = {
    "file_unreadable": _("读不了这个文件。请用 CSV、TSV、XLSX 或 JSONL，文字编码用 UTF-8 或 GB18030。"),
    "file_empty": _("文件里没有数据行。"),
    "column_missing": _("还缺一列：%(field)s。"),
    "time_invalid": _("时间看不懂。写成 2026-11-22 或 2026-11-22 10:00。"),
    "import_started": _("这个文件已经在导入了。"),
    "same_import_runs": _("同样的文件正在导入，等它做完再看要不要导这一份。"),
}


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
