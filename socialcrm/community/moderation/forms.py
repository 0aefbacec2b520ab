"""Forms of moderation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length


class ReasonForm(FlaskForm):
    """A deed that owes a reason."""

    reason = StringField(
        _l("理由"),
        [DataRequired(_l("写下理由，它会公开在管理记录里。")), Length(max=300)],
        description=_l("会公开在管理记录里，不写是谁做的。"),
    )


class ReportForm(FlaskForm):
    """What is wrong with a post."""

    reason = RadioField(
        _l("哪里不对"),
        choices=[
            SelectChoice("advertising", _l("广告刷屏")),
            SelectChoice("insult", _l("辱骂攻击")),
            SelectChoice("false", _l("不实信息")),
            SelectChoice("privacy", _l("泄露隐私")),
            SelectChoice("off_topic", _l("与本群无关")),
            SelectChoice("other", _l("其他")),
        ],
        default="advertising",
    )
    text = TextAreaField(_l("补充说明"), [Length(max=1000)])


class WordForm(FlaskForm):
    """A sensitive-word rule."""

    word = StringField(_l("词"), [DataRequired(_l("写下要留意的词。")), Length(max=60)])
    deed = RadioField(
        _l("怎么处理"),
        choices=[
            SelectChoice("block", _l("拦住：不能发布")),
            SelectChoice("hold", _l("先审：审核后才发布")),
            SelectChoice("mask", _l("打码：换成＊后发布")),
        ],
        default="hold",
    )
