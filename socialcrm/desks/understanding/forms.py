"""Forms of corrections and of the playground."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
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


POLARITY_CHOICES = [
    SelectChoice("", _("不改")),
    SelectChoice("negative", _("负面")),
    SelectChoice("neutral", _("中性")),
    SelectChoice("positive", _("正面")),
]


class QuoteForm(Form):
    """Words of the text that show it; `start` is where they stand when they were marked with the pointer."""

    quote = StringField(_("原文里的话"), validators=[Length(max=200, message=_("原文里的话最多 200 个字。"))])
    start = HiddenField()


class AspectForm(QuoteForm):
    """One aspect's row."""

    name = StringField(_("方面"), validators=[Length(max=20, message=_("方面的名字最多 20 个字。"))])
    value = SelectField(
        _("说得怎么样"), choices=[*POLARITY_CHOICES, SelectChoice("absent", _("没有说到"))], default=""
    )


class CorrectionForm(QuoteForm, FlaskForm):
    """What should have been read; what is left at 「不改」 stays as it is. The quote shows the polarity."""

    polarity = RadioField(_("整体"), choices=POLARITY_CHOICES, default="")
    complaint = RadioField(
        _("投诉"),
        choices=[
            SelectChoice("", _("不改")),
            SelectChoice("no", _("不是投诉")),
            SelectChoice("yes", _("是投诉")),
        ],
        default="",
    )
    aspects = FieldList(FormField(AspectForm), max_entries=30)
    reason = StringField(
        _("为什么"),
        description=_("写给同事看，也帮引擎的维护者弄明白。"),
        validators=[Length(max=500, message=_("原因最多 500 个字。"))],
    )


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
    channel = SelectField(_("当作哪种文字"), id="batch-channel", choices=CHANNEL_CHOICES, default="")
    texts = TextAreaField(_("每行一条"))
    file = FileField(_("或者选一个文件"))
    form = RadioField(
        _("结果格式"),
        choices=[SelectChoice("tsv", _("TSV（表格软件能打开）")), SelectChoice("jsonl", "JSONL")],
        default="tsv",
    )
