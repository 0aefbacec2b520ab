"""Forms of signing up, signing in and keeping an account."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from ..errors import Invalid, SocialError
from .logins import login_key

#: The sentence for each error code these forms can meet.
SENTENCES = {
    "account_exists": _("这个邮箱或手机号已经有账号了。直接登录，或者重设密码。"),
    "email_invalid": _("邮箱写得不对，应该像 name@example.com。"),
    "phone_invalid": _("手机号写得不对。大陆号码 11 位，其他地区以 + 和区号开头。"),
    "name_missing": _("写一个昵称，大家会看到它。"),
    "password_short": _("密码至少 %(shortest)s 位。"),
    "password_long": _("密码最多 %(longest)s 位。"),
    "password_weak": _("这个密码太容易被猜到，换一个。"),
    "wrong_login": _("账号或密码不对。"),
    "wrong_password": _("现在的密码不对。"),
    "locked": _("密码错了太多次。%(minutes)s 分钟后再试，或者重设密码。"),
    "wrong_code": _("验证码不对，或者已经用过、过期了。"),
    "too_many_codes": _("验证码发得太频繁了，一分钟后再试。"),
    "identity_taken": _("这个邮箱或手机号已经由另一个账号验证过。请联系客服。"),
    "image_unreadable": _("这个文件不是能识别的图片（支持 JPEG、PNG、WebP、GIF）。"),
    "image_too_large": _("图片没有传上去（超过 10 MB）。其他内容还在。"),
    "image_too_many_pixels": _("图片没有传上去（超过 5000 万像素）。其他内容还在。"),
    "birthday_invalid": _("生日不能在将来，也不能早于 1900 年。"),
    "already_invited": _("已经邀请过这个邮箱，邀请还没有过期。"),
    "last_admin": _("至少要留一个能登录的管理员。"),
    "last_leader": _("你是一个社群唯一的群主。先把群主交给别人，再注销。"),
    "group_name_taken": _("已经有一个社群叫这个名字，换一个。"),
    "staff_account": _("同事的账号由管理员停用，不能自己注销。"),
    "unknown_role": _("没有这种角色。"),
    "colour_invalid": _("颜色写得不对，应该像 oklch(0.52 0.11 45)。"),
}


def show_error(form: FlaskForm, error: SocialError, default: str) -> None:
    """Put the error's sentence at the field it is about, or at `default`."""
    sentence = SENTENCES.get(error.code)
    if sentence is None:
        raise error
    text = str(sentence) % error.facts if error.facts else str(sentence)
    name = error.field if error.field in form._fields else default
    field = form._fields[name]
    field.errors = [*field.errors, text]


def login_of(typed: str | None) -> tuple[str, str]:
    """`login_key` of a form's `login` field; its errors belong to that field."""
    try:
        return login_key(typed or "")
    except Invalid as error:
        error.field = "login"
        raise


class NewPassword(PasswordField):
    """A password to be chosen; never sent back to the page."""

    def __init__(self, label: Any, **options: Any) -> None:
        options.setdefault("render_kw", {"autocomplete": "new-password", "minlength": 8})
        super().__init__(label, validators=[DataRequired(_("写一个密码。"))], **options)


class KnownPassword(PasswordField):
    """The password in force."""

    def __init__(self, label: Any, **options: Any) -> None:
        options.setdefault("render_kw", {"autocomplete": "current-password"})
        super().__init__(label, validators=[DataRequired(_("写上密码。"))], **options)


def login_field(label: Any) -> StringField:
    """One field for email or phone."""
    return StringField(
        label,
        validators=[DataRequired(_("写上邮箱或手机号。")), Length(max=200)],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none"},
    )


class SignUpForm(FlaskForm):
    """Nickname, login, password, and one unticked box per purpose (added by `sign_up_form`)."""

    display_name = StringField(
        _("昵称"),
        validators=[DataRequired(_("写一个昵称，大家会看到它。")), Length(max=60)],
        render_kw={"autocomplete": "nickname"},
    )
    login = login_field(_("邮箱或手机号"))
    password = NewPassword(_("密码"), description=_("至少 8 位。长一点比复杂更安全。"))


def sign_up_form(purposes: list[str]) -> SignUpForm:
    """The form with an unticked box `consent_<purpose>` for each purpose."""
    fields = {f"consent_{purpose}": BooleanField(purpose, default=False) for purpose in purposes}
    made: SignUpForm = type("SignUpFormWithConsents", (SignUpForm,), fields)()
    return made


class SignInForm(FlaskForm):
    login = login_field(_("邮箱或手机号"))
    password = KnownPassword(_("密码"))


class CodeForm(FlaskForm):
    code = StringField(
        _("验证码"),
        validators=[DataRequired(_("写上验证码。")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class SecondFactorForm(FlaskForm):
    code = StringField(
        _("验证码或恢复码"),
        validators=[DataRequired(_("写上验证码。")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none"},
    )


class ForgotForm(FlaskForm):
    login = login_field(_("邮箱或手机号"))


class NewPasswordForm(FlaskForm):
    password = NewPassword(_("新密码"), description=_("至少 8 位。长一点比复杂更安全。"))


class PhoneResetForm(CodeForm):
    password = NewPassword(_("新密码"), description=_("至少 8 位。长一点比复杂更安全。"))


class ChangePasswordForm(FlaskForm):
    current = KnownPassword(_("现在的密码"))
    password = NewPassword(_("新密码"), description=_("至少 8 位。改好后，其他设备会退出登录。"))


class ConfirmPasswordForm(FlaskForm):
    current = KnownPassword(_("密码"))


class ConfirmForm(FlaskForm):
    """Only the CSRF token: a button that does one thing."""
