"""What an administrator changes about the brand. Inside transaction()."""

from __future__ import annotations

from typing import Any

from ...accounts.audit import audit
from ...accounts.models import Account
from ...colour import fit_brand, parse_colour
from ...errors import Invalid
from ...settings import change_setting, setting


def change_settings(acting: Account | None, values: dict[str, Any]) -> None:
    """Store the values that differ and write each change down."""
    for name, value in values.items():
        before = setting(name)
        if before != value:
            change_setting(name, value)
            audit(acting, "setting_changed", "setting", None, name=name, before=before, after=value)


def fitted_colour(typed: str) -> tuple[str, bool]:
    """(the colour as stored, whether its lightness was corrected for contrast); Invalid `colour_invalid`."""
    try:
        colours = fit_brand(parse_colour(typed))
    except ValueError:
        raise Invalid("colour_invalid", field="colour") from None
    return colours.light.css(), colours.corrected
