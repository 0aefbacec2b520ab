"""The form of an address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from ...outbox.webhooks.models import EVENTS
from ..connections.forms import CheckboxesField

EVENT_WORDS = {
    "customer.created": _("有了新客户"),
    "order.placed": _("有人下单"),
    "order.refunded": _("有人退款"),
    "post.published": _("有人发言"),
    "alert.raised": _("出现预警"),
    "case.opened": _("工单开始"),
    "case.solved": _("工单解决"),
    "referral.converted": _("推荐转化"),
    "points.posted": _("积分变动"),
}
URL_SENTENCES = {
    "url_invalid": _("写一个能访问的完整地址，以 https:// 开头。"),
    "https_needed": _("正式环境只能用 https:// 开头的地址。"),
}


class EndpointForm(FlaskForm):
    url = StringField(
        _("地址"),
        validators=[DataRequired(_("写上接收的地址。")), Length(max=500)],
        render_kw={"type": "url"},
    )
    events = CheckboxesField(
        _("告诉它什么"),
        choices=[SelectChoice(event, EVENT_WORDS[event]) for event in EVENTS],
        validators=[DataRequired(_("至少选一项。"))],
    )
    active = BooleanField(_("发送"), default=True)
