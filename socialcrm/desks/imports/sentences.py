"""What people read of imports: the words of fields, and why a file or a line was not taken in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

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
REFUSALS = {
    "missing": _("这一格是空的"),
    "too_long": _("太长了"),
    "value_unfit": _("有一格的数太大，存不下"),
    "time_invalid": _("时间看不懂"),
    "amount_invalid": _("金额看不懂，或者太大"),
    "amount_negative": _("金额是负数"),
    "quantity_invalid": _("数量要是 1 到 100 万的整数"),
    "currency_invalid": _("币种要写成三个字母，比如 CNY"),
    "order_differs": _("同一个订单号已经有了，客户或金额不一样"),
    "refund_differs": _("这笔退款已经有了，金额不一样"),
    "refund_exceeds_order": _("退款比订单还多"),
    "email_invalid": _("邮箱写得不对"),
    "phone_invalid": _("手机号写得不对"),
    "identity_empty": _("编号是空的，或者超过 200 个字"),
    "identity_taken": _("这个编号、邮箱或手机是另一位客户的"),
    "unknown_purpose": _("没有这种同意的用途"),
    "consent_without_proof": _("写了同意，没有同意凭证"),
    "customer_unknown": _("没有这位客户"),
    "group_unknown": _("没有叫这个名字的社群"),
    "title_too_long": _("标题太长了"),
    "text_too_long": _("正文太长了"),
    "topic_not_open": _("收这些文字的话题已经隐藏或删除"),
    "self_referral": _("推荐人和被推荐人是同一位"),
    "has_referrer": _("已经有另一位推荐人"),
    "loop": _("对方是自己直接或间接推荐来的"),
}


def why_refused(code: str) -> str:
    """The sentence of a refused line's code; the code itself where no sentence was written for it."""
    return str(REFUSALS["missing"] if code.endswith("_missing") else REFUSALS.get(code, code))
