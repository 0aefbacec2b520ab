"""Which addresses may be called: never the inside of the network the program runs in. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from ...errors import Invalid

LONGEST = 500


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet (also when written inside an IPv6 one)."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


def checked_url(url: str, *, production: bool) -> SplitResult:
    """The parts of an address that can be called; Invalid `url_invalid`, in production `https_needed`."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or len(url) > LONGEST or not url.isascii() or not url.isprintable() or parts.username:
        raise Invalid("url_invalid", field="url")
    if production and parts.scheme != "https":
        raise Invalid("https_needed", field="url")
    return parts
