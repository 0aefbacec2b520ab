"""What templates need to look and read right: filters, the brand's style sheet, icon and web app manifest.

Filters: `ago full_time iso figure attributes tint first_character pinyin marked_parts`. Times are aware UTC datetimes
(naive ones are taken as UTC) and are shown in the brand's zone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask_babel import format_date, gettext, to_user_timezone
from markupsafe import Markup, escape

from .colour import BrandColours, brand_css, fit_brand, parse_colour
from .config import Config
from .settings import setting

TINTS = 8
MINUTE, HOUR = 60, 3600

bp = Blueprint("look", __name__)

Span = tuple[int, int, str]


def init_look(app: Flask, config: Config) -> None:
    """Give the templates their filters and globals, and serve the brand's own files."""
    app.jinja_env.filters.update(
        ago=ago,
        full_time=full_time,
        iso=iso,
        figure=figure,
        attributes=attributes,
        tint=tint,
        first_character=first_character,
        pinyin=pinyin_keys,
        marked_parts=marked_parts,
    )
    app.jinja_env.globals.update(
        brand_css_url=brand_css_url, brand_icon_url=brand_icon_url, file_url=file_url
    )
    app.register_blueprint(bp)
    if not config.production:
        from .styleguide import bp as styleguide

        app.register_blueprint(styleguide)


@lru_cache(maxsize=8)
def _colours(text: str) -> BrandColours:
    return fit_brand(parse_colour(text))


def brand_colours() -> BrandColours:
    """The brand's colour as both themes use it."""
    return _colours(setting("brand.colour"))


def brand_css_url() -> str:
    """Address of the brand's style sheet; changes with the colour, so that it can be cached for ever."""
    return f"/brand.css?v={zlib.crc32(setting('brand.colour').encode()):x}"


def brand_icon_url() -> str:
    """Address of the brand's icon; changes with name and colour."""
    return f"/brand-icon.svg?v={zlib.crc32((setting('brand.name') + setting('brand.colour')).encode()):x}"


def file_url(key: str | None) -> str | None:
    """Address of an uploaded file; None stays None."""
    return f"/files/{key}" if key else None


@bp.get("/brand.css")
def brand_style() -> Response:
    """The brand's colour for both themes."""
    return _cached(brand_css(brand_colours()), "text/css")


@bp.get("/brand-icon.svg")
def brand_icon() -> Response:
    """The brand's first character on its colour, for browser tabs and phones' home screens."""
    colours = brand_colours()
    name = escape(first_character(setting("brand.name")))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="16" fill="{colours.light.hex()}"/>'
        '<text x="32" y="43" font-size="32" font-weight="600" text-anchor="middle" font-family="PingFang SC,'
        f'Noto Sans CJK SC,Microsoft YaHei,sans-serif" fill="{colours.on_light.hex()}">{name}</text></svg>'
    )
    return _cached(svg, "image/svg+xml")


@bp.get("/manifest.webmanifest")
def web_manifest() -> Response:
    """Lets a phone keep the community on its home screen."""
    answer = jsonify(
        name=setting("brand.name"),
        short_name=setting("brand.name")[:12],
        start_url="/",
        display="standalone",
        theme_color=brand_colours().light.hex(),
        background_color="#ffffff",
        icons=[{"src": brand_icon_url(), "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.content_type = "application/manifest+json"
    return answer


def _cached(content: str, kind: str) -> Response:
    answer = Response(content, content_type=f"{kind}; charset=utf-8")
    answer.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
    )
    return answer


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    """For <time datetime=…>."""
    return f"{_aware(moment).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def full_time(moment: datetime) -> str:
    """Date and time to the minute."""
    return to_user_timezone(_aware(moment)).strftime("%Y-%m-%d %H:%M")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """As people say it: 刚刚, 3 分钟前, 2 小时前, 昨天 18:20, 3月5日, 2025年3月5日; a coming moment in full."""
    moment = _aware(moment)
    now = now or datetime.now(UTC)
    seconds = (now - moment).total_seconds()
    if seconds < -MINUTE:
        return full_time(moment)
    if seconds < MINUTE:
        return str(gettext("刚刚"))
    if seconds < HOUR:
        return str(gettext("%(n)s 分钟前", n=int(seconds // MINUTE)))
    local, today = to_user_timezone(moment), to_user_timezone(now)
    days = (today.date() - local.date()).days
    if days == 0 or seconds < 6 * HOUR:
        return str(gettext("%(n)s 小时前", n=int(seconds // HOUR)))
    if days == 1:
        return str(gettext("昨天 %(time)s", time=f"{local:%H:%M}"))
    if local.year == today.year:
        return str(format_date(local.date(), gettext("M月d日"), rebase=False))
    return str(format_date(local.date(), gettext("yyyy年M月d日"), rebase=False))


def figure(value: Any) -> str:
    """A number with thousands separated; None as 「—」, text as it is."""
    if value is None:
        return "—"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.1f}"
    return f"{int(value):,}"


def attributes(given: Mapping[str, Any]) -> Markup:
    """HTML attributes from keyword arguments: `_` becomes `-`, True is bare, None and False are left out."""
    parts = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        parts.append(f" {escape(name)}" if value is True else f' {escape(name)}="{escape(value)}"')
    return Markup("".join(parts))  # noqa: S704  every part is escaped above


def tint(name: str | None) -> int:
    """One of eight tints, always the same for a name."""
    return zlib.crc32((name or "").encode()) % TINTS


def first_character(name: str | None) -> str:
    """What stands for a person without a picture: the first letter or character of the name."""
    letters = [character for character in (name or "") if character.isalnum()]
    return (letters[0] if letters else (name or "·")[:1]).upper()


@lru_cache(maxsize=4096)
def pinyin_keys(text: str) -> str:
    """What a name is found by besides itself: 「咖啡机」 → `kafeiji kfj`."""
    # Late: its dictionary takes 0.4 s and only a page with such a field needs it.
    from pypinyin import Style, lazy_pinyin

    whole = "".join(lazy_pinyin(text))
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return whole.lower() if whole == initials else f"{whole} {initials}".lower()


def marked_parts(
    text: str, spans: Iterable[Span] | None = None, words: Iterable[tuple[str, str]] | None = None
) -> list[tuple[str, str | None]]:
    """Cut a text at its telling words: [(part, polarity or None)], in order, joining to the text.

    `spans` are (start, end, polarity) in characters; `words` are found where they first stand. Of overlapping ones
    the first keeps its place.
    """
    wanted = list(spans or [])
    for word, polarity in words or []:
        start = text.find(word)
        if start >= 0:
            wanted.append((start, start + len(word), polarity))
    parts: list[tuple[str, str | None]] = []
    at = 0
    for start, end, polarity in sorted(wanted, key=lambda span: (span[0], -span[1])):
        if start < at or end > len(text) or start >= end:
            continue
        if start > at:
            parts.append((text[at:start], None))
        parts.append((text[start:end], polarity))
        at = end
    if at < len(text):
        parts.append((text[at:], None))
    return parts
