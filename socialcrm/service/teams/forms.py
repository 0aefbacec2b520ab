"""The form of the service rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DecimalField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

SHARE = [InputRequired(_("写一个 0 到 1 之间的数。")), NumberRange(0, 1, _("写一个 0 到 1 之间的数。"))]


def _hours(label: object) -> StringField:
    return StringField(label, validators=[Length(max=80)])


class RulesForm(FlaskForm):
    """Field names end in what the setting is called after `service.`, with `__` for the dot."""

    alert__complaint = DecimalField(_("投诉可能性达到多少时预警"), validators=SHARE, places=2)
    alert__case = DecimalField(_("投诉可能性达到多少时自动建工单"), validators=SHARE, places=2)
    alert__negative = DecimalField(_("重要客户的负面把握达到多少时预警"), validators=SHARE, places=2)
    alert__valued_yuan = IntegerField(
        _("累计贡献多少元算重要客户"), validators=[InputRequired(_("写一个数。")), NumberRange(0)]
    )
    alert__valued_bonus = DecimalField(_("重要客户的两个阈值降低多少"), validators=SHARE, places=2)
    first_reply_goal_seconds = IntegerField(
        _("首次回复的目标（秒）"), validators=[InputRequired(_("写一个数。")), NumberRange(1, 86400)]
    )
    first_reply_limit_seconds = IntegerField(
        _("首次回复最迟（秒，不超过 4 小时）"),
        validators=[InputRequired(_("写一个数。")), NumberRange(60, 14400, _("在 60 到 14400 之间。"))],
    )
    next_reply_limit_seconds = IntegerField(
        _("之后每次回复最迟（秒）"), validators=[InputRequired(_("写一个数。")), NumberRange(60, 864000)]
    )
    holidays = BooleanField(_("法定节假日不算，调休日照常算"))
    hours_0 = _hours(_("周一"))
    hours_1 = _hours(_("周二"))
    hours_2 = _hours(_("周三"))
    hours_3 = _hours(_("周四"))
    hours_4 = _hours(_("周五"))
    hours_5 = _hours(_("周六"))
    hours_6 = _hours(_("周日"))
