"""Keep the brand form: the picture is decoded and the colour fitted before the transaction opens."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from ...accounts.models import Account
from ...colour import parse_colour
from ...database import transaction
from ...errors import SocialError
from ...pictures import MAX_BYTES, read_picture
from ...settings import setting
from ...storage import keep
from .actions import change_settings, fitted_colour
from .forms import BrandForm

LOGO_SIDE = 512


def brand_values() -> dict[str, str]:
    """What the brand form begins with."""
    return {
        "name": setting("brand.name"),
        "slogan": setting("brand.slogan"),
        "colour": parse_colour(setting("brand.colour")).hex(),
    }


def save_brand(form: BrandForm, acting: Account | None) -> None:
    """Store the form's values and say where the colour had to be corrected."""
    values: dict[str, str] = {
        "brand.name": str(form.name.data).strip(),
        "brand.slogan": (form.slogan.data or "").strip(),
    }
    corrected = False
    if form.colour.data != brand_values()["colour"]:
        values["brand.colour"], corrected = fitted_colour(str(form.colour.data))
    logo = _kept_logo(form)
    if logo or form.no_logo.data:
        values["brand.logo"] = logo or ""
    with transaction():
        change_settings(acting, values)
    flash(_("品牌保存好了。"))
    if corrected:
        flash(_("这个颜色上的文字看不清，已经调到刚好看得清（对比度 4.5:1）。"))


def _kept_logo(form: BrandForm) -> str | None:
    file = form.logo.data
    if not getattr(file, "filename", ""):
        return None
    try:
        picture = read_picture(file.stream.read(MAX_BYTES + 1), longest_side=LOGO_SIDE)
    except SocialError as error:
        error.field = "logo"
        raise
    return keep(picture.content, picture.content_type)
