"""Forms of the playground."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from ...sentiment.engine import Channel
from .batches import LONGEST

CHANNEL_CHOICES = [
    SelectChoice("", _("让引擎自己猜")),
    SelectChoice("post", _("社群发言")),
    SelectChoice("review", _("商品评价")),
    SelectChoice("chat", _("客服聊天")),
]
TOO_LONG = _("太长了，最多 %(max)d 个字。写过的内容还在。")


class ChannelForm(FlaskForm):
    channel = SelectField(_("当作哪种文字"), choices=CHANNEL_CHOICES, default="")

    def chosen(self) -> Channel | None:
        """The channel, None to let the engine guess."""
        chosen: Channel | None = self.channel.data or None
        return chosen


class TryForm(ChannelForm):
    text = TextAreaField(_("文字"), validators=[Length(max=LONGEST, message=TOO_LONG)])
    lines = RadioField(
        _("怎么读"),
        choices=[SelectChoice("whole", _("整段当一条")), SelectChoice("each", _("每行一条"))],
        default="whole",
    )


class BatchForm(ChannelForm):
    texts = TextAreaField(_("每行一条"))
    file = FileField(_("或者选一个文件"))
    form = RadioField(
        _("结果格式"),
        choices=[SelectChoice("tsv", _("TSV（表格软件能打开）")), SelectChoice("jsonl", "JSONL")],
        default="tsv",
    )
