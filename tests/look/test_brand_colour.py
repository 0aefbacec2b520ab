"""A brand colour is legible on both themes, whatever an administrator picks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcrm.colour import Colour, brand_css, contrast, fit_brand, parse_colour

BLACK, WHITE = Colour(0, 0, 0), Colour(1, 0, 0)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#ff0000", (0.628, 0.258, 29.2)),
        ("00ff00", (0.866, 0.295, 142.5)),
        ("oklch(41% 0.065 55)", (0.41, 0.065, 55)),
    ],
)
def test_colours_are_read_from_css(text: str, expected: tuple[float, float, float]) -> None:
    colour = parse_colour(text)
    assert (colour.lightness, colour.chroma, colour.hue) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    "text", ["red", "#12345", "oklch(a b c)", "", "url(javascript:1)", "oklch(0.5 0.1 50);}*{"]
)
def test_what_is_not_a_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        parse_colour(text)


@given(st.integers(0, 0xFFFFFF))
def test_hex_survives_the_way_through_oklch(number: int) -> None:
    assert parse_colour(f"#{number:06x}").hex() == f"#{number:06x}"


@given(st.floats(0, 1), st.floats(0, 0.35), st.floats(0, 359.9))
def test_every_colour_ends_up_legible_on_both_themes(lightness: float, chroma: float, hue: float) -> None:
    fitted = fit_brand(Colour(lightness, chroma, hue))
    assert contrast(fitted.light, fitted.on_light) >= 4.5
    assert contrast(fitted.light, Colour(0.955, 0.015, hue)) >= 4.5
    assert contrast(fitted.dark, fitted.on_dark) >= 4.5
    assert contrast(fitted.dark, Colour(0.285, 0.02, hue)) >= 4.5


def test_a_legible_colour_is_left_alone_and_a_pale_one_is_marked_as_corrected() -> None:
    assert not fit_brand(parse_colour("oklch(0.41 0.065 55)")).corrected
    assert fit_brand(parse_colour("#ffe08a")).corrected


def test_the_style_sheet_names_what_the_tokens_expect() -> None:
    css = brand_css(fit_brand(parse_colour("#6b4226")))
    for name in ("hue", "chroma", "light", "dark"):
        assert f"--brand-{name}:" in css
