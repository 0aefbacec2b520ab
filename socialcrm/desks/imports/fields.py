"""What each kind of file may hold: field → the column names it goes by. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

CUSTOMER = ("customer_id", "customer", "user_id", "uid", "客户编号", "会员号", "客户")
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "id": ("id", *CUSTOMER, "编号"),
        "name": ("name", "display_name", "nickname", "姓名", "昵称", "名字"),
        "email": ("email", "mail", "邮箱"),
        "phone": ("phone", "mobile", "tel", "手机", "手机号", "电话"),
        "city": ("city", "城市"),
        "gender": ("gender", "sex", "性别"),
        "birthday": ("birthday", "birth_date", "生日"),
        "at": ("at", "created_at", "registered_at", "date", "注册时间", "时间"),
        "consents": ("consents", "consent", "同意"),
        "consent_proof": ("consent_proof", "proof", "同意凭证"),
    },
    "orders": {
        "id": ("id", "order_id", "order_no", "订单号", "订单编号"),
        "customer": (*CUSTOMER, "email", "phone", "手机", "手机号"),
        "at": ("at", "date", "placed_at", "order_date", "created_at", "下单时间", "时间", "日期"),
        "amount": ("amount", "total", "amount_usd", "amount_cny", "price", "金额", "实付", "实付金额"),
        "currency": ("currency", "币种"),
        "margin": ("margin", "毛利"),
        "product": ("product", "sku", "product_code", "商品编码"),
        "product_name": ("product_name", "商品", "商品名称"),
        "quantity": ("quantity", "qty", "cds", "数量"),
        "refunded": ("refunded", "refund", "refund_amount", "退款", "退款金额"),
        "refunded_at": ("refunded_at", "refund_date", "退款时间"),
        "payment_hash": ("payment_hash",),
        "address_hash": ("address_hash",),
    },
    "posts": {
        "id": ("id", "post_id", "编号"),
        "text": ("text", "content", "review", "comment", "body", "正文", "内容", "评论", "评价"),
        "title": ("title", "subject", "标题"),
        "author": ("author", "user", "name", "nickname", "作者", "用户", "昵称"),
        "at": ("at", "date", "time", "created_at", "时间", "日期"),
        "group": ("group", "社群"),
    },
    "referrals": {
        "referrer": ("referrer", "referrer_id", "inviter", "推荐人", "邀请人"),
        "referee": ("referee", "referee_id", "referred", "invitee", "被推荐人", "被邀请人"),
        "at": ("at", "date", "time", "时间", "日期"),
        "type": ("type", "类型"),
    },
}
REQUIRED = {
    "customers": ("name",),
    "orders": ("customer", "at", "amount"),
    "posts": ("text",),
    "referrals": ("referrer", "referee"),
}
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y年%m月%d日",
)
MONEY = re.compile(r"^[¥￥$€\s]*(-?[\d,]+(?:\.\d+)?)\s*(?:元|圆)?$")


#: What the tables hold; SQLite would keep longer values, PostgreSQL refuses them.
LONGEST = {
    "id": 200,
    "city": 60,
    "gender": 10,
    "product": 80,
    "product_name": 200,
    "payment_hash": 64,
    "address_hash": 64,
}
MOST_PIECES = 1_000_000


class BadValue(ValueError):
    """A cell that cannot be read: the error's code, and the field where its first word does not name it."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.field = field or code.partition("_")[0]


def check_lengths(values: Mapping[str, str]) -> None:
    """BadValue `too_long` for the first value that no table holds."""
    for field, longest in LONGEST.items():
        if len(values.get(field, "")) > longest:
            raise BadValue("too_long", field)


def map_columns(kind: str, columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Field → column, from `given` first and then by name without regard to case.

    Raises BadValue `unknown_field:…`, `unknown_column:…`, `column_missing:…`.
    """
    present = list(columns)
    lowered = {name.lower(): name for name in present}
    known = FIELDS[kind]
    for field, column in given.items():
        if field not in known:
            raise BadValue(f"unknown_field:{field}")
        if column not in present:
            raise BadValue(f"unknown_column:{column}")
    mapped = dict(given)
    taken = set(mapped.values())
    for field, names in known.items():
        if field in mapped:
            continue
        for name in names:
            found = lowered.get(name.lower())
            if found is not None and found not in taken:
                mapped[field] = found
                taken.add(found)
                break
    return mapped


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """An aware UTC time from ISO 8601 or the usual written forms, in the brand's zone unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _by_format(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        # The first and the last day of the calendar lie outside it in another zone.
        raise BadValue("time_invalid") from None


def _by_format(text: str) -> datetime:
    for form in TIME_FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise BadValue("time_invalid")


def parse_cents(text: str) -> int:
    """Integer cents of an amount such as 1,280.50 or ¥12; fractions of a cent are rounded half up."""
    found = MONEY.match(text)
    if not found:
        raise BadValue("amount_invalid")
    try:
        amount = Decimal(found.group(1).replace(",", ""))
        cents = int((amount * 100).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    except InvalidOperation:
        raise BadValue("amount_invalid") from None
    if cents < 0:
        raise BadValue("amount_negative")
    return cents


def parse_count(text: str) -> int:
    """A positive whole number, at most a million."""
    if not text.isdecimal() or len(text) > 7 or not 1 <= int(text) <= MOST_PIECES:
        raise BadValue("quantity_invalid")
    return int(text)
