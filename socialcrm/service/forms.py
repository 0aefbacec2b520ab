"""Forms of the service desk and of 我的事项, and the sentence for each error code they can meet."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import get_timezone
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from ..errors import SocialError

SENTENCES = {
    "text_missing": _("写点内容再提交。"),
    "too_many_images": _("最多 %(limit)s 张图片。文字还在。"),
    "image_too_large": _("图片没有发出（超过 10 MB）。文字还在。"),
    "image_too_many_pixels": _("图片没有发出：尺寸太大了。文字还在。"),
    "image_unreadable": _("图片没有发出：请用 JPG、PNG、WebP 或 GIF。文字还在。"),
    "message_empty": _("写点内容再发送。"),
    "message_too_long": _("太长了，最多 %(most)s 个字。写过的内容还在。"),
    "text_too_long": _("太长了，最多 %(most)s 个字。写过的内容还在。"),
    "title_missing": _("用一句话说说是什么事。"),
    "case_finished": _("这个工单已经结束了。要继续处理，请先重新打开。"),
    "case_not_solved": _("这件事还没有解决，等解决后再评价。"),
    "already_rated": _("你已经评价过了，谢谢。"),
    "score_missing": _("选 1 到 5 分。"),
    "snooze_in_the_past": _("选一个以后的时间。"),
    "merge_itself": _("不能合并到自己。"),
    "merge_other_customer": _("只能合并同一位客户的工单。"),
    "reason_missing": _("写一句原因，其他同事会看到。"),
    "alert_dismissed": _("这条预警已经标为不用处理。先恢复它。"),
    "alert_has_case": _("这条预警已经有工单了。"),
    "not_service_staff": _("只能分给客服人员。"),
    "capacity_out_of_range": _("同时处理数在 0 到 100 之间。"),
    "conversation_closed": _("这个会话已经结束了。"),
    "topic_closed": _("这个话题已经关闭，请改用私下回复。"),
    "team_taken": _("已经有同名的团队了。"),
    "reply_taken": _("已经有同名的快捷回复了。"),
    "hours_invalid": _("时间写得不对，应该像 09:00-12:00 13:00-18:00，先后不重叠。"),
}


def sentence(error: SocialError) -> str:
    """The sentence for an error, raising it again when it has none here."""
    if error.code not in SENTENCES:
        raise error
    text = str(SENTENCES[error.code])
    return text % error.facts if error.facts else text


def show_error(form: FlaskForm, error: SocialError, default: str) -> None:
    """Put the error's sentence at the field it is about, or at `default`."""
    field = form._fields[error.field if error.field in form._fields else default]
    field.errors = [*field.errors, sentence(error)]


def new_key() -> str:
    """A fresh `once` key: what a form carries so that sending it twice does its work once."""
    return uuid.uuid4().hex


PRIORITY_CHOICES = [
    SelectChoice("low", _("低")),
    SelectChoice("normal", _("普通")),
    SelectChoice("high", _("高")),
    SelectChoice("urgent", _("紧急")),
]


class OnceField(HiddenField):
    """The hidden key of one submission."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default=new_key, validators=[Length(max=40)], **options)


class AnswerForm(FlaskForm):
    """What an agent writes: to the customer privately, in the topic, or a note for colleagues."""

    text = TextAreaField(validators=[DataRequired(_("写点内容再提交。")), Length(max=4000)])
    where = SelectField(choices=["private", "topic", "note"])
    wait = BooleanField()
    once = OnceField()


class SolveForm(FlaskForm):
    solution = TextAreaField(
        _("怎么解决的"),
        description=_("客户会看到这段话，然后被请求评价。"),
        validators=[DataRequired(_("写一句怎么解决的，客户会看到。")), Length(max=4000)],
    )
    root_cause = StringField(_("根本原因"), validators=[Length(max=200)])
    once = OnceField()


class AssignForm(FlaskForm):
    """`assignee` 0 puts the case back into the team's queue."""

    assignee = SelectField(_("交给"), coerce=int, validators=[InputRequired()])
    team = SelectField(_("团队"), coerce=int, validators=[InputRequired()])


class SnoozeForm(FlaskForm):
    until = DateTimeLocalField(
        _("到什么时候"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[InputRequired()]
    )

    def moment(self) -> datetime:
        """The chosen time, read in the brand's zone."""
        chosen: datetime = self.until.data
        return chosen.replace(tzinfo=get_timezone())


class FactsForm(FlaskForm):
    priority = SelectField(_("优先级"), choices=PRIORITY_CHOICES)
    aspects = StringField(
        _("涉及方面"), description=_("用逗号隔开，如：配送，客服"), validators=[Length(max=200)]
    )
    root_cause = StringField(_("根本原因"), validators=[Length(max=200)])


class MergeForm(FlaskForm):
    into = IntegerField(_("合并到工单号"), validators=[InputRequired(_("写目标工单的编号。"))])


class DismissForm(FlaskForm):
    why = StringField(
        _("为什么不用处理"), validators=[DataRequired(_("写一句原因，其他同事会看到。")), Length(max=200)]
    )


class HandCaseForm(FlaskForm):
    """A case an agent opens for a customer met by phone, in the store or in a chat."""

    title = StringField(_("什么事"), validators=[DataRequired(_("用一句话说说是什么事。")), Length(max=120)])
    text = TextAreaField(_("详细情况"), validators=[Length(max=4000)])
    aspects = StringField(
        _("涉及方面"), description=_("用逗号隔开，如：配送，客服"), validators=[Length(max=200)]
    )
    priority = SelectField(_("优先级"), choices=PRIORITY_CHOICES, default="normal")
    channel = SelectField(
        _("从哪里来"),
        choices=[
            SelectChoice("phone", _("电话")),
            SelectChoice("store", _("门店")),
            SelectChoice("web_chat", _("在线客服")),
            SelectChoice("community", _("社群")),
            SelectChoice("email", _("邮件")),
            SelectChoice("wechat", _("微信")),
        ],
    )
    once = OnceField()


class MatterForm(FlaskForm):
    """我要反馈."""

    aspect = RadioField(
        _("关于什么"),
        choices=[
            SelectChoice("配送", _("配送")),
            SelectChoice("质量", _("商品质量")),
            SelectChoice("退换", _("退换货")),
            SelectChoice("客服", _("客服")),
            SelectChoice("活动", _("活动与积分")),
            SelectChoice("", _("其他")),
        ],
        default="",
        validators=[Optional()],
    )
    title = StringField(
        _("一句话说说"), validators=[DataRequired(_("用一句话说说是什么事。")), Length(max=60)]
    )
    text = TextAreaField(
        _("详细情况"),
        description=_("订单号、时间、希望我们怎么做，写得越具体处理得越快。"),
        validators=[DataRequired(_("写几句详细情况。")), Length(max=4000)],
    )
    once = OnceField()


class SayForm(FlaskForm):
    text = TextAreaField(_("补充说明"), validators=[DataRequired(_("写点内容再提交。")), Length(max=4000)])
    once = OnceField()


class RateForm(FlaskForm):
    score = RadioField(
        _("这次处理得怎么样"),
        choices=[SelectChoice(str(score)) for score in range(1, 6)],
        validators=[InputRequired(_("选 1 到 5 分。"))],
    )
    text = TextAreaField(_("想说的话"), validators=[Length(max=1000)])


class TeamForm(FlaskForm):
    name = StringField(_("团队名称"), validators=[DataRequired(_("写一个名称。")), Length(max=40)])
    aspects = StringField(
        _("负责方面"), description=_("用逗号隔开，如：配送，包装"), validators=[Length(max=200)]
    )
    fallback = BooleanField(_("没有团队负责的也交给它"))


class DeskForm(FlaskForm):
    team = SelectField(_("团队"), coerce=int, validators=[InputRequired()])
    capacity = IntegerField(
        _("同时处理"),
        validators=[InputRequired(_("写一个数。")), NumberRange(0, 100, _("同时处理数在 0 到 100 之间。"))],
    )
    skills = StringField(_("擅长"), validators=[Length(max=200)])
    on_duty = BooleanField(_("在岗"))


class CannedForm(FlaskForm):
    title = StringField(_("标题"), validators=[DataRequired(_("写一个标题。")), Length(max=60)])
    text = TextAreaField(
        _("内容"),
        description=_("{name} 会换成客户的名字。"),
        validators=[DataRequired(_("写上内容。")), Length(max=2000)],
    )


def words_of(text: str | None) -> list[str]:
    """A comma-separated line (Chinese or Latin commas, spaces) as a list without repetitions."""
    line = (text or "").replace("，", " ").replace(",", " ").replace("、", " ")
    return list(dict.fromkeys(word[:20] for word in line.split()))
