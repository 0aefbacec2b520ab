"""The brand's colour: read from CSS, fitted for contrast on both themes (WCAG 2.2: 4.5:1 for text), written as CSS.

Pure. OKLCH after Björn Ottosson, "A perceptual color space for image processing" (2020); luminance and contrast
after WCAG 2.2.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

TEXT_CONTRAST = 4.5
STEP = 0.005

_OKLCH = re.compile(r"oklch\(\s*([\d.]+)(%?)\s+([\d.]+)\s+([\d.]+)(?:deg)?\s*\)", re.IGNORECASE)
_HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Colour:
    """A colour in OKLCH: lightness 0–1, chroma 0–0.4, hue 0–360."""

    lightness: float
    chroma: float
    hue: float

    def css(self) -> str:
        """`oklch(0.42 0.068 52)`."""
        return f"oklch({self.lightness:.3f} {self.chroma:.3f} {self.hue:.1f})"

    def hex(self) -> str:
        """The nearest sRGB colour, `#6b4226`."""
        return "#" + "".join(f"{round(255 * _encode(part)):02x}" for part in self._linear())

    def luminance(self) -> float:
        """Relative luminance, 0 (black) to 1 (white)."""
        red, green, blue = self._linear()
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def _linear(self) -> tuple[float, float, float]:
        """Linear sRGB, clipped to what a screen can show."""
        a = self.chroma * math.cos(math.radians(self.hue))
        b = self.chroma * math.sin(math.radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            _clip(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
            _clip(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
            _clip(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
        )


@dataclass(frozen=True)
class BrandColours:
    """One brand colour as the two themes use it; `corrected` when the light one had to move to be legible."""

    light: Colour
    on_light: Colour
    dark: Colour
    on_dark: Colour
    corrected: bool


def parse_colour(text: str) -> Colour:
    """Read `oklch(L C H)` or `#rrggbb`; ValueError for anything else."""
    if found := _OKLCH.fullmatch(text.strip()):
        lightness = float(found[1]) / (100 if found[2] else 1)
        return Colour(min(lightness, 1.0), min(float(found[3]), 0.4), float(found[4]) % 360)
    if found := _HEX.fullmatch(text.strip()):
        return _from_srgb(*(int(part, 16) / 255 for part in found.groups()))
    raise ValueError(f"not a colour: {text!r}")


def contrast(one: Colour, other: Colour) -> float:
    """WCAG contrast ratio, 1 to 21."""
    light, dark = sorted((one.luminance(), other.luminance()), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def fit_brand(colour: Colour) -> BrandColours:
    """The colour for both themes, moved in lightness only as far as text on it, and it as text, need."""
    light = _darkened(colour, background=Colour(0.94, 0.01, colour.hue))
    dark = _lightened(
        Colour(max(colour.lightness, 0.74), min(colour.chroma, 0.11), colour.hue),
        background=Colour(0.36, 0.03, colour.hue),
    )
    return BrandColours(
        light=light,
        on_light=Colour(0.99, 0.004, colour.hue),
        dark=dark,
        on_dark=Colour(0.2, min(colour.chroma, 0.03), colour.hue),
        corrected=light != colour,
    )


def brand_css(colours: BrandColours) -> str:
    """The style sheet behind `/brand.css`: the values that frontend/styles/_tokens.scss has defaults for."""
    return (
        ":root{"
        f"--brand-hue:{colours.light.hue:.1f};--brand-chroma:{colours.light.chroma:.3f};"
        f"--brand-light:{colours.light.css()};--on-brand-light:{colours.on_light.css()};"
        f"--brand-dark:{colours.dark.css()};--on-brand-dark:{colours.on_dark.css()}"
        "}\n"
    )


def _darkened(colour: Colour, background: Colour) -> Colour:
    while contrast(colour, background) < TEXT_CONTRAST and colour.lightness > STEP:
        colour = replace(colour, lightness=colour.lightness - STEP)
    return colour


def _lightened(colour: Colour, background: Colour) -> Colour:
    while contrast(colour, background) < TEXT_CONTRAST and colour.lightness < 1 - STEP:
        colour = replace(colour, lightness=colour.lightness + STEP)
    return colour


def _from_srgb(red: float, green: float, blue: float) -> Colour:
    red, green, blue = _decode(red), _decode(green), _decode(blue)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Colour(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def _clip(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def _encode(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _decode(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
