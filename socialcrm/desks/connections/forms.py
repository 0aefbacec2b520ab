"""The forms of keys."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from ...api.scopes import SCOPES

WORDS = {
    "customers:read": _("读客户资料"),
    "customers:write": _("写客户资料、同意和标签"),
    "orders:read": _("读订单和商品"),
    "orders:write": _("写订单、退款和商品"),
    "posts:read": _("读社群和发言"),
    "posts:write": _("替客户发言"),
    "conversations:read": _("读会话"),
    "conversations:write": _("写会话消息"),
    "referrals:read": _("读推荐链和推荐价值"),
    "referrals:write": _("写推荐关系"),
    "points:read": _("读积分"),
    "points:write": _("加减积分"),
    "events:read": _("读事件流"),
    "events:write": _("报告浏览行为"),
    "search:read": _("搜索"),
    "sentiment:read": _("分析文本情感，读情感结果"),
    "sentiment:write": _("纠正情感结果"),
    "learning:read": _("看引擎学到的版本、重读的进度和品牌的词"),
    "learning:write": _("让引擎学习、换版本、重读旧文字、改品牌的词"),
    "trends:read": _("读口碑趋势"),
}
OVERLAPS = (0, 1, 24, 168)


class CheckboxesField(SelectMultipleField):
    """Several of a list, as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class KeyForm(FlaskForm):
    name = StringField(
        _("接入的系统"),
        validators=[DataRequired(_("写上系统的名字。")), Length(max=60)],
        description=_("客户在「谁看过我的资料」里会看到这个名字。"),
    )
    scopes = CheckboxesField(
        _("允许做什么"),
        choices=[SelectChoice(scope, WORDS[scope]) for scope in SCOPES],
        validators=[DataRequired(_("至少选一项。"))],
    )


class RotateForm(FlaskForm):
    overlap = SelectField(
        _("旧密钥还能用多久"),
        coerce=int,
        default=24,
        choices=[
            SelectChoice(0, _("立刻停用")),
            SelectChoice(1, _("1 小时")),
            SelectChoice(24, _("1 天")),
            SelectChoice(168, _("7 天")),
        ],
    )
