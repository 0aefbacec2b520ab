"""The profile form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional


class ProfileForm(FlaskForm):
    display_name = StringField(
        _("昵称"),
        validators=[DataRequired(_("写一个昵称，大家会看到它。")), Length(max=60)],
        render_kw={"autocomplete": "nickname"},
    )
    avatar = FileField(
        _("头像"),
        description=_("JPEG、PNG、WebP 或 GIF，最大 10 MB。照片里的位置等信息会去掉。"),
        render_kw={"accept": "image/*"},
    )
    no_avatar = BooleanField(_("不用头像"))
    bio = TextAreaField(_("介绍自己"), validators=[Length(max=300)], render_kw={"rows": 3})
    city = StringField(_("城市"), validators=[Length(max=60)], render_kw={"autocomplete": "address-level2"})
    gender = SelectField(
        _("性别"),
        choices=[
            SelectChoice("", _("不说")),
            SelectChoice("female", _("女")),
            SelectChoice("male", _("男")),
            SelectChoice("other", _("其他")),
        ],
        validators=[Optional()],
    )
    birthday = DateField(
        _("生日"),
        validators=[Optional()],
        description=_("只有你和客服能看到。"),
        render_kw={"autocomplete": "bday"},
    )
