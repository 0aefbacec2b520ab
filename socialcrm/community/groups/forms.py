"""Forms of groups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length


class GroupForm(FlaskForm):
    """Create or edit a group."""

    name = StringField(_l("名称"), [DataRequired(_l("给社群起个名字。")), Length(max=60)])
    kind = RadioField(
        _l("种类"),
        choices=[
            SelectChoice("product", _l("产品兴趣群")),
            SelectChoice("knowledge", _l("行业知识群")),
            SelectChoice("life", _l("生活服务群")),
        ],
        default="product",
    )
    access = RadioField(
        _l("谁可以加入"),
        choices=[
            SelectChoice("public", _l("公开：人人可读，加入后可写")),
            SelectChoice("request", _l("申请：看得到简介，群主同意后可读可写")),
            SelectChoice("invitation", _l("邀请：只有受邀的人看得到")),
        ],
        default="public",
    )
    description = TextAreaField(_l("简介"), [Length(max=2000)])
    rules = TextAreaField(
        _l("群规"),
        [Length(max=10000)],
        description=_l("加入时会请成员看过并接受。改动会成为新的一版。"),
    )
    cover = FileField(_l("封面"), description=_l("横图最好看,JPG、PNG 或 WebP,10 MB 以内。"))
    once = HiddenField()


class JoinForm(FlaskForm):
    """Accept the rules and join."""

    version = IntegerField(default=0)
    invitation = HiddenField()


class InviteForm(FlaskForm):
    """Invite somebody by name."""

    name = StringField(_l("名字"), [DataRequired(), Length(max=80)])
