"""A device as its owner would call it, from the browser's User-Agent. Pure."""

from __future__ import annotations

from ipaddress import ip_address

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


def network_of(address: str) -> str:
    """The network a device came from: `203.0.113.*`, `2001:db8:1:*`, `local`, or an empty string when unknown.

    Nothing is looked up: an address says nothing reliable about a town, and asking somebody would tell them.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.is_loopback or found.is_private:
        return "local"
    separator, kept = (".", 3) if found.version == 4 else (":", 3)
    parts = (str(found) if found.version == 4 else found.exploded).split(separator)
    return separator.join([part.lstrip("0") or "0" for part in parts[:kept]] + ["*"])
