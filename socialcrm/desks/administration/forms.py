"""The administrator's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from ...accounts.forms import NewPassword

STAFF_CHOICES = [
    SelectChoice("agent", _("客服")),
    SelectChoice("lead", _("客服组长")),
    SelectChoice("manager", _("社群运营")),
    SelectChoice("admin", _("管理员")),
]


class BrandForm(FlaskForm):
    name = StringField(_("品牌名"), validators=[DataRequired(_("写上品牌名。")), Length(max=40)])
    slogan = StringField(_("一句话介绍"), validators=[Length(max=80)])
    colour = StringField(
        _("品牌色"),
        validators=[DataRequired(_("选一个颜色。")), Length(max=40)],
        description=_("浅色和深色界面都会用它。看不清的颜色会自动调深或调浅，并告诉你。"),
        render_kw={"type": "color"},
    )
    logo = FileField(_("标志"), description=_("方形图片最好，最大 10 MB。"), render_kw={"accept": "image/*"})
    no_logo = BooleanField(_("不用标志，显示品牌名的第一个字"))


class SecurityForm(FlaskForm):
    staff_second_factor = BooleanField(
        _("同事登录必须用第二步验证"), description=_("打开后，还没有设置的同事下次打开页面时会先去设置。")
    )


class InviteForm(FlaskForm):
    email = EmailField(_("邮箱"), validators=[DataRequired(_("写上邮箱。")), Length(max=200)])
    name = StringField(_("姓名"), validators=[DataRequired(_("写上姓名。")), Length(max=60)])
    role = SelectField(_("角色"), choices=STAFF_CHOICES)


class PersonForm(FlaskForm):
    role = SelectField(_("角色"), choices=[SelectChoice("customer", _("客户")), *STAFF_CHOICES])
    active = BooleanField(_("可以登录"))


class ConsentTextForm(FlaskForm):
    zh = TextAreaField(_("中文"), validators=[DataRequired(_("写上中文文本。")), Length(max=2000)])
    en = TextAreaField(_("英文"), validators=[DataRequired(_("写上英文文本。")), Length(max=2000)])


class FirstAdminForm(FlaskForm):
    name = StringField(_("你的姓名"), validators=[DataRequired(_("写上姓名。")), Length(max=60)])
    email = EmailField(_("邮箱"), validators=[DataRequired(_("写上邮箱。")), Length(max=200)])
    password = NewPassword(_("密码"), description=_("至少 10 位。"))


class FirstGroupForm(FlaskForm):
    name = StringField(_("社群名"), validators=[DataRequired(_("写上社群名。")), Length(max=60)])
    kind = SelectField(
        _("种类"),
        choices=[
            SelectChoice("product", _("产品兴趣群")),
            SelectChoice("knowledge", _("行业知识群")),
            SelectChoice("life", _("生活服务群")),
        ],
    )
    description = TextAreaField(_("介绍"), validators=[Optional(), Length(max=500)], render_kw={"rows": 3})
    rules = TextAreaField(
        _("群规"),
        validators=[Optional(), Length(max=5000)],
        description=_("加入时会读到；以后可以发布新版本。"),
        render_kw={"rows": 4},
    )
