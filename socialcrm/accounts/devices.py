"""A device as its owner would call it, from the browser's User-Agent. Pure."""

from __future__ import annotations

_BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("wxwork/", "WeCom"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """`Chrome · Windows`; an unknown part is left out, and nothing known gives an empty string."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)
